"""Lists that tests read: clean ones, spoiled ones, and ones in many encodings."""
