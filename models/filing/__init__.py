"""Access filing 统一备案: property companies file riders for compounds and a period."""
