"""What bench_activation measures with: a world of any size, clients, and the same statements bare."""
