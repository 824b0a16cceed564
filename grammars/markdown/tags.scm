; The headings of a text. Vocabulary: grammars/README.md.

(section . (atx_heading heading_content: (_) @name) . (_)? @body) @definition.module
(setext_heading heading_content: (paragraph (inline) @name)) @definition.module
