"""How it is shown: charts, tables, views, the page and the notebook's widgets."""
