"""What the operations of an edit make of a model, before any of it is real."""
