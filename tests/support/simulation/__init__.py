"""
The whole importer against a simulated disk, server and clock, all of it decided by one seed.

`world.simulate(seed)` runs an import, kills it, runs it again and so on, and raises `Failure`
where any of the promises does not hold. Time is virtual: hours take milliseconds.
"""
