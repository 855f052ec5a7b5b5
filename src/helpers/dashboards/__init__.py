"""Pages for readers who see no code: kernels that may read only a release; `server` and `site`.

Uses `pages` and `release`, and never responses. Start with `staging`, then `server`.
"""
