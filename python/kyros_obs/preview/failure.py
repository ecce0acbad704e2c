"""Why a preview can't be had, in words for whoever asked for it."""


class PreviewError(Exception):
    """Says what is wrong, and what helps."""


class QuestionError(Exception):
    """A store refused a query or didn't answer; the text is for the panel that asked."""
