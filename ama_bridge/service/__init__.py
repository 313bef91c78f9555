"""What the Assistant is made of: a module for each thing that a service keeps or does, each with a lock of its own where it keeps something."""
