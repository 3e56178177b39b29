-- Version 7: words are made anew, because letters with their marks apart, soft hyphens and nouns in -пись are read rightly.

INSERT INTO words (words) VALUES ('delete-all');
