"""Tables: an ensemble of networks that needs no settings."""

from xpnet.tabular.folds import member_folds
from xpnet.tabular.recipe import TableRecipe, recipe_for
from xpnet.tabular.scaled_network import ScaledNetwork

__all__ = ["ScaledNetwork", "TableRecipe", "member_folds", "recipe_for"]
