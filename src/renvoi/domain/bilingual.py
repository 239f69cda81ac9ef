"""Texts that are written in English and have their French beside them, as what a node finds about itself."""


class Bilingual(str):
    """An English text with the same in French. What is made of it by operations on texts is English alone."""

    __slots__ = ("french",)
    french: str

    def __new__(cls, english: str, french: str) -> "Bilingual":
        text = super().__new__(cls, english)
        text.french = french
        return text


def french_of(text: str | Exception) -> str:
    """Return the French of a text or an error; what has none is what it is: the words of a system, or of a carrier."""
    if isinstance(text, Bilingual):
        return text.french
    texts = getattr(text, "texts", None)
    if isinstance(text, Exception) and isinstance(texts, dict):
        return str(texts["fr"])
    return str(text)
