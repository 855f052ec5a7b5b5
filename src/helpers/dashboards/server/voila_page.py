"""One page, made by Voila: its template, its notebook, a kernel that lives for nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any

from voila.execute import VoilaExecutor
from voila.notebook_renderer import NotebookRenderer

from helpers.dashboards.server.kernels import Kernel, Kernels
from helpers.dashboards.server.made_pages import PATIENCE, Making
from helpers.dashboards.staging import Served

LANGUAGE = {"display_name": "Python 3", "language": "python", "name": "python3"}


class Renderer(NotebookRenderer):
    """Voila's renderer, with kernels of our own; a page needs no notebook of its own."""

    def __init__(self, served: Served, login: bool, **parts: Any) -> None:
        super().__init__(request_handler=None, page_config={"login": login}, **parts)
        self.served = served

    async def _jinja_kernel_start(
        self, nb: Any, kernel_id: str, kernel_future: Callable[[], Awaitable[Kernel]]
    ) -> str:
        kernel = await kernel_future()
        self.executor = VoilaExecutor(
            nb,
            km=kernel.manager,
            config=self.traitlet_config,
            show_tracebacks=self.voila_configuration.show_tracebacks,
            iopub_timeout=int(PATIENCE),  # after 4 s, otherwise, the output of a cell is left out
            raise_on_iopub_timeout=True,
        )
        self.executor.kc = kernel.client
        self.kernel_started = True
        return kernel.id

    async def load_notebook(self, path: str) -> Any:
        """Return the notebook of a page, for a kernel of ours."""
        notebook = self.served.notebook(path.removesuffix(".ipynb"))
        notebook.metadata["kernelspec"] = LANGUAGE  # which one it is, `kernels` decides
        return notebook


async def made(
    name: str, making: Making, kernels: Kernels, served: Served, parts: dict[str, Any]
) -> AsyncIterator[str]:
    """Make the page of a name part by part, and say what its readers wait for.

    Raises
    ------
    RuntimeError
        If the kernel died.
    """
    renderer = Renderer(served=served, notebook_path=f"{name}.ipynb", **parts)
    await renderer.initialize()
    died: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with AsyncExitStack() as stack:

        async def start() -> Kernel:
            making.waits = "line" if kernels.full else "kernel"
            kernel = await stack.enter_async_context(kernels.place())
            making.waits = "kernel"
            watch = asyncio.ensure_future(_watch(kernel, died))
            stack.callback(watch.cancel)
            await kernel.start(PATIENCE)
            return kernel

        async with aclosing(renderer.generate_content_generator("", start)) as snippets:
            while (snippet := await _next(snippets, died)) is not None:
                yield snippet[0]


async def _watch(kernel: Kernel, died: asyncio.Future[None]) -> None:
    await kernel.death()
    if not died.done():
        died.set_result(None)


async def _next(snippets: AsyncIterator[Any], died: asyncio.Future[None]) -> Any:
    """Return the next snippet, or None; do not wait for a kernel that is dead."""
    following = asyncio.ensure_future(anext(snippets, None))
    try:
        await asyncio.wait({following, died}, return_when=asyncio.FIRST_COMPLETED)
        if not following.done():
            raise RuntimeError("the kernel has died")
        return following.result()
    finally:
        following.cancel()
        await asyncio.wait({following})
