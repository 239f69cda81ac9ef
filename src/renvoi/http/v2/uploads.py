"""Files that are uploaded: as the whole body, or as the one file of a form (RFC 7578)."""

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header
from starlette.requests import Request

from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.request_context import context_of

MULTIPART = "multipart/form-data"
FILE = "file"
"""What the file of a form is called."""
_MAX_PARTS = 20


async def uploaded(request: Request) -> bytes:
    """Return the content of the file that a request brings.

    Raises:
        Problem: there is none, or the form cannot be read, or has other parts.
    """
    content = await request.body()
    kind, parameters = parse_options_header(context_of(request.scope).headers.get(b"content-type", b""))
    if kind.decode("latin-1").lower() == MULTIPART:
        content = _file_of(content, parameters.get(b"boundary"))
    if not content:
        raise invalid(FieldError("", FieldCode.MISSING))
    return content


def _file_of(content: bytes, boundary: bytes | None) -> bytes:
    if not boundary:
        raise _malformed("Content-Type has no boundary")
    names: list[bytes] = []
    files: list[bytes] = []
    ended = False

    def on_field(field: Field) -> None:
        _count(field.field_name)

    def on_file(file: File) -> None:
        _count(file.field_name)
        target = file.file_object
        target.seek(0)
        files.append(target.read())
        target.close()

    def _count(name: bytes | None) -> None:
        names.append(name or b"")
        if len(names) > _MAX_PARTS:
            raise FormParserError("too many parts")

    def on_end() -> None:
        nonlocal ended
        ended = True

    # What is in memory already needs no file.
    most = {"MAX_MEMORY_FILE_SIZE": len(content) + 1, "MAX_BODY_SIZE": float("inf")}
    try:
        parser = FormParser(MULTIPART, on_field, on_file, on_end, boundary=boundary, config=most)
        parser.write(content)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise _malformed("a part of it is malformed") from error
    if not ended:
        raise _malformed("its last boundary is missing")
    if names != [FILE.encode()] or len(files) != 1:
        raise invalid(*_wrong(names, len(files)))
    return files[0]


def _wrong(names: list[bytes], files: int) -> list[FieldError]:
    shown = [name.decode("utf-8", "replace")[:50] for name in names]
    wrong = [FieldError(f"/{name}", FieldCode.UNKNOWN_FIELD) for name in dict.fromkeys(shown) if name != FILE]
    if shown.count(FILE) > 1:
        wrong.append(FieldError(f"/{FILE}", FieldCode.REPEATED))
    elif not files or FILE not in shown:
        wrong.append(FieldError(f"/{FILE}", FieldCode.MISSING))
    return wrong


def _malformed(why: str) -> Problem:
    return Problem(ProblemCode.BODY_MALFORMED, errors=[FieldError("", FieldCode.NOT_A_FORM, {"why": why})])
