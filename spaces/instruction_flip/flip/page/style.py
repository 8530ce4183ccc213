"""Theme, stylesheet and scripts of the page; fonts are local and nothing is loaded from other hosts."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

_ASSETS = Path(__file__).parent / "assets"
#: Both stylesheets; the second has the rules for phones, which come after all others.
CSS_FILES = [_ASSETS / "rankings.css", _ASSETS / "style.css"]
#: On-load scripts of the rankings, the gallery and the file field; each runs once.
STAGE_SCRIPT = (_ASSETS / "stage.js").read_text(encoding="utf-8")
GALLERY_SCRIPT = (_ASSETS / "gallery.js").read_text(encoding="utf-8")
UPLOAD_SCRIPT = (_ASSETS / "upload.js").read_text(encoding="utf-8")
SCORES_SCRIPT = (_ASSETS / "scores.js").read_text(encoding="utf-8")
NOTE_SCRIPT = (_ASSETS / "note.js").read_text(encoding="utf-8")
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Arial", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Noto Sans Mono", "monospace")


def theme() -> gr.themes.Base:
    """Return the theme for ``launch``."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.indigo,
        secondary_hue=gr.themes.colors.indigo,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=_SANS,
        font_mono=_MONO,
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        # Gradio's default greys have too little contrast.
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        block_label_text_color="*neutral_700",
        block_title_text_color="*neutral_700",
        input_placeholder_color="*neutral_600",
        input_placeholder_color_dark="*neutral_300",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_700",
        button_primary_text_color="white",
        button_primary_text_color_dark="white",
    )
