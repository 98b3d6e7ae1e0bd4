"""Data in, plotly figure out; nothing else."""
