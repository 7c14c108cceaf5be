"""条例第17条: what a community may lead."""

from collections.abc import Iterable

ARTICLE_17 = (
    "《北京市接诉即办工作条例》第十七条：不得将社区职责清单之外的事项交由社区办理，"
    "不得将应由社区协助的事项交由社区作为主责。"
)


def on_community_list(category: str, duties: Iterable[tuple[str, str]]) -> str | None:
    """Return the matter of the duty list that covers the category path, or None when outside it.

    A demand without a category is on nobody's list.
    """
    for listed, matter in duties:
        if category == listed or category.startswith(listed + ">"):
            return matter
    return None
