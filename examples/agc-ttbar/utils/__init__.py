"""The ttbar analysis beside its notebook: samples, selection, weights, processor, plots and fit.

Nothing is imported here, so that a worker that only processes never loads the plots or the fit.
"""
