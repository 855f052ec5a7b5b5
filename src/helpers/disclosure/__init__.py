"""What may be shown: groups of a minimum base, and the release made of them."""
