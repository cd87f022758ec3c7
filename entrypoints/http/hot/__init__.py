"""The reads that everybody makes all the time: their answers are kept, and found before Litestar's stack."""
