"""What the chapters import: data, plots and widgets. The mathematics is in the chapters."""

from helpers.data import breast_cancer, diabetes, minibatches, standardise, synthetic_regression
from helpers.plotting import (
    LiveLosses,
    plot_fit,
    plot_loss_surface,
    plot_losses,
    plot_residuals,
    show,
    use_course_style,
)
from helpers.widgets import explore, log_slider

__all__ = [
    "LiveLosses",
    "breast_cancer",
    "diabetes",
    "explore",
    "log_slider",
    "minibatches",
    "plot_fit",
    "plot_loss_surface",
    "plot_losses",
    "plot_residuals",
    "show",
    "standardise",
    "synthetic_regression",
    "use_course_style",
]
