"""The benchmarks: the real processes under load, beside yardsticks of the same run. `make bench`."""
