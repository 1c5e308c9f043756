"""What every estimator needs: checked rows and weights, the library that computes, moving and pickling."""
