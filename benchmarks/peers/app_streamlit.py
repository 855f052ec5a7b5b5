"""The page in Streamlit: data read once a process, charts with keys of their own."""

import streamlit as st
from content import (
    CONFIG,
    Choice,
    comparisons,
    footing,
    heading,
    introduction,
    labels,
    look_up,
    page,
)

st.set_page_config(page_title="Measurement", layout="centered")
views = st.cache_resource(page)()


def boxes(label, things):
    """Draw a named row of checkboxes; return what is ticked."""
    st.write(label)
    return tuple(i for name, i in labels(things).items() if st.checkbox(name, True, key=i))


st.html(introduction())
columns = st.columns(2 + len(views["dimensions"]))
with columns[0]:
    who = boxes("Respondent type", views["populations"])
bands = []
for column, dimension in zip(columns[1:], views["dimensions"], strict=False):
    with column:
        bands.append((dimension["id"], boxes(dimension["label"], dimension["bands"])))
with columns[-1]:
    offered = comparisons()
    by = offered[st.selectbox("Compare by", list(offered))]
choice = Choice(who, tuple(bands), by)

for question in views["questions"]:
    shown = look_up(question, choice)
    st.html(heading(question, shown))
    if shown.figure:
        st.plotly_chart(shown.figure, theme=None, key=f"chart-{question['id']}", config=CONFIG)
        st.html(footing(shown))
