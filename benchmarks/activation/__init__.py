"""Parts of bench_activation: a world of any size, clients, and the same statements bare."""
