"""Side-by-side measurements on one workload in one call. Never run as tests."""
