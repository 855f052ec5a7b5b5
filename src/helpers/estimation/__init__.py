"""What the responses say: selections, tables, estimates, published statements."""
