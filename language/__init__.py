"""HEAR: what a Chinese message means. Used in both runtimes."""
