"""The names that the parts share.  Needs only Python."""

TITLES = {
    "linear": "linear",
    "mlp": "scikit-learn MLP",
    "xpnet-1": "xpnet, one network",
    "xpnet-5": "xpnet, ensemble of 5",
    "hgb": "HistGradientBoosting",
    "lightgbm": "LightGBM",
    "xgboost": "XGBoost",
    "catboost": "CatBoost",
    "tabm": "TabM_D",
    "realmlp": "RealMLP_TD",
}
UNSEEN = ("breast_cancer", "diabetes", "fair", "randhie")  # tables that nothing was ever chosen on
