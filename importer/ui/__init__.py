"""The page on this computer with which people import a list: `vorel-import ui`."""
