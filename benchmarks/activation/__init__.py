"""What bench_activation uses: a world of any size, clients, and the same statements bare."""
