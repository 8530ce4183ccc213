"""What the page needs of gradio's server: answers to wrong calls, no stored files, and no old sessions."""
