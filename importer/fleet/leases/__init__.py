"""Who may send with a key: leases, and what renews them."""
