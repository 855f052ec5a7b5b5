"""What `insights` can do: each module adds commands to the parser of `cli`.

Above all rooms. A command imports what it uses when it runs, so that `insights --help` waits for
nothing. Start with `survey`.
"""
