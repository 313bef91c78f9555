"""The command line, a module for each family of commands; `terminal` is what they print, `cli` joins them."""
