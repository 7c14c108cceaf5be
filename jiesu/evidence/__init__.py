"""佐证: files with hash and custody."""
