"""Survey analysis from files to pages: reading, estimation, disclosure control, display."""
