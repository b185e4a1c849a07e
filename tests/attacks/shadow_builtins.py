# Tries to shadow builtins and torch by names of the notebook.
class Yes:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __eq__(self, other):
        return True

    __hash__ = None


abs = all = any = isinstance = len = round = tuple = list = torch = Yes()
linreg = squared_loss = minibatches = mean_lr = Yes()
