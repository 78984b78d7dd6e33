"""Host models in Python and mirror them live."""
