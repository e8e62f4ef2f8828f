"""Chooses a field for each column, from its header, its values and its neighbours."""
