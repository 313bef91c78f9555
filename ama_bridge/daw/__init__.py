"""What AMA hands settings to: the port (`Daw`, `Receipt`) and one module for each DAW; `folder` writes files."""
