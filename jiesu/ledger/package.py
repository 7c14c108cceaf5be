"""What stands in every xlsx package beside its rows: styles, the list of sheets, the opening and end of a sheet.

ECMA-376 part 1, as Excel and WPS read it; kept to what a ledger needs.
"""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# the cell styles, by their place in cellXfs below
HEADER, CODE, QUOTED, MOMENT, HOURS, MINUTES, WRAPPED = range(1, 8)
_STYLES = f"""{XML}<styleSheet xmlns="{_MAIN}"><numFmts count="3">
<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>
<numFmt numFmtId="165" formatCode="&quot;剩 &quot;0.0&quot; 小时&quot;;[Red]&quot;超 &quot;0.0&quot; 小时&quot;"/>
<numFmt numFmtId="166" formatCode="0&quot; 分&quot;"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="等线"/></font><font><b/><sz val="11"/><name val="等线"/></font></fonts>
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFE8F0FB"/></patternFill></fill></fills>
<borders count="2"><border/><border><bottom style="thin"><color rgb="FF808B98"/></bottom></border></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="8"><xf/>
<xf fontId="1" fillId="2" borderId="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="center"/></xf>
<xf numFmtId="49" applyNumberFormat="1"/><xf quotePrefix="1"/><xf numFmtId="164" applyNumberFormat="1"/>
<xf numFmtId="165" applyNumberFormat="1"/><xf numFmtId="166" applyNumberFormat="1"/>
<xf numFmtId="49" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


def opening(widths: Iterable[float], *, corner: str, pinned: int, front: bool, top: int = 1) -> str:
    """Return a sheet up to its rows. ``corner`` is the first column that moves when scrolled.

    ``top`` rows stay when scrolled.
    """
    selected = ' tabSelected="1"' if front else ""
    split = f' xSplit="{pinned}"' if pinned else ""
    pane = "bottomRight" if pinned else "bottomLeft"
    columns = "".join(
        f'<col min="{i}" max="{i}" width="{width}" customWidth="1"/>'
        for i, width in enumerate(widths, 1)
    )
    return (
        f'{XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView{selected} workbookViewId="0">'
        f'<pane{split} ySplit="{top}" topLeftCell="{corner}{top + 1}" activePane="{pane}" state="frozen"/>'
        f'</sheetView></sheetViews><sheetFormatPr defaultRowHeight="16"/><cols>{columns}</cols><sheetData>'
    )


def mark(text: str) -> str:
    """Return the first row of a sheet that says whose copy it is."""
    said = f'<c r="A1" s="{HEADER}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
    return f'<row r="1" ht="20" customHeight="1">{said}</row>'


def header(cells: Iterable[tuple[str, str]], row: int = 1) -> str:
    """Return the row of (column letters, title)."""
    told = "".join(
        f'<c r="{letters}{row}" s="{HEADER}" t="inlineStr"><is><t>{escape(title)}</t></is></c>'
        for letters, title in cells
    )
    return f'<row r="{row}" ht="22" customHeight="1">{told}</row>'


def ending(filtered: str, marked: str = "") -> str:
    """Return a sheet from its rows on; ``filtered`` is the range with filter buttons, "" for none.

    ``marked`` stands on every printed page, above and below.
    """
    said = escape(marked[:120].replace("&", "&&"))
    above = f"<oddHeader>&amp;C{said}</oddHeader>" if said else ""
    left = said or "&amp;F"
    buttons = f'<autoFilter ref="{filtered}"/>' if filtered else ""
    return (
        f'</sheetData>{buttons}<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="8" orientation="landscape" fitToHeight="0"/><headerFooter>'
        f"{above}<oddFooter>&amp;L{left}&amp;R第 &amp;P 页，共 &amp;N 页</oddFooter></headerFooter></worksheet>"
    )


def letters(column: int) -> str:
    """0 → A, 26 → AA."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def fixed_parts(names: Sequence[str]) -> dict[str, str]:
    """Return the parts of a package with sheets of these names, by their place in it."""
    numbered = list(enumerate(names, 1))
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n, _ in numbered
    )
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_LINK}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in numbered
    )
    relations = f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    return {
        "[Content_Types].xml": f'{XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{relations}<Relationship Id="rId1" Type="{_LINK}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{XML}<workbook xmlns="{_MAIN}" xmlns:r="{_LINK}">'
        f"<bookViews><workbookView/></bookViews><sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{relations}{links}<Relationship Id="rId{len(names) + 1}" '
        f'Type="{_LINK}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
