"""How one list becomes another: which items stay, and the least that is to be said of the rest."""
