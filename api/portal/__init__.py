"""The portal: server-rendered pages for officers, in Chinese and English, that work without JavaScript."""
