"""What is taken for what: the things that a "X or not X" recipe chooses its negatives from."""

from __future__ import annotations

# Things that are taken for one another; the kind's name is only for the message.
KINDS: dict[str, tuple[str, ...]] = {
    "flat baked dishes": (
        "pizza", "frittata", "quiche", "focaccia", "flatbread", "omelette", "pancake", "crepe",
        "galette", "tart", "lahmacun", "quesadilla",
    ),
    "filled bread": (
        "hot dog", "hotdog", "burger", "hamburger", "sandwich", "taco", "burrito", "kebab",
        "wrap", "bagel", "panini", "bratwurst", "sub sandwich",
    ),
    "dishes on a plate": (
        "pasta", "spaghetti", "curry", "steak", "risotto", "salad", "sushi", "ramen", "soup",
        "fried rice", "dumplings", "paella", "french fries",
    ),
    "sweets": (
        "cake", "pie", "cupcake", "muffin", "donut", "cookie", "croissant", "ice cream",
        "brownie", "cheesecake", "waffle", "pudding",
    ),
    "fruit and vegetables": (
        "apple", "tomato", "peach", "orange", "pear", "plum", "onion", "potato", "mango",
        "lemon", "banana", "strawberry", "pepper",
    ),
    "small animals": (
        "cat", "kitten", "dog", "puppy", "fox", "rabbit", "ferret", "raccoon", "hamster",
        "guinea pig", "squirrel",
    ),
    "large animals": (
        "horse", "donkey", "zebra", "cow", "deer", "camel", "goat", "sheep", "moose", "llama",
        "pony",
    ),
    "birds": (
        "bird", "sparrow", "pigeon", "duck", "goose", "seagull", "crow", "parrot", "eagle", "owl",
        "swan", "chicken",
    ),
    "flowers": (
        "rose", "tulip", "sunflower", "daisy", "dandelion", "peony", "carnation", "lily",
        "chamomile", "poppy", "dahlia", "gerbera",
    ),
    "vehicles": (
        "car", "van", "truck", "bus", "motorcycle", "bicycle", "scooter", "tractor", "train",
        "tram", "pickup truck", "taxi",
    ),
    "buildings": (
        "house", "church", "castle", "skyscraper", "barn", "bridge", "tower", "school building",
        "warehouse", "temple", "lighthouse",
    ),
    "furniture": (
        "chair", "armchair", "stool", "sofa", "bench", "table", "desk", "bed", "shelf", "cabinet",
    ),
    "hand-held things": (
        "phone", "smartphone", "remote control", "calculator", "camera", "tablet", "wallet",
        "game controller", "keys", "watch", "cup", "bottle",
    ),
    "footwear and clothes": (
        "shoe", "sneaker", "boot", "sandal", "slipper", "sock", "hat", "jacket", "shirt", "dress",
        "backpack", "handbag",
    ),
}  # fmt: skip
# Kinds that lie beside one another: where near negatives come from.
NEIGHBOURS: tuple[frozenset[str], ...] = (
    frozenset({"flat baked dishes", "filled bread", "dishes on a plate", "sweets",
               "fruit and vegetables"}),
    frozenset({"small animals", "large animals", "birds"}),
    frozenset({"flowers", "fruit and vegetables"}),
    frozenset({"vehicles", "buildings"}),
    frozenset({"furniture", "hand-held things", "footwear and clothes"}),
)  # fmt: skip
ANYTHING = (
    "people portrait", "city street", "mountain landscape", "living room", "printed document",
    "kitchen counter", "hand holding something", "garden", "parked car", "pet", "food on plate",
    "beach", "office desk", "crowd of people",
)  # fmt: skip
# What is, holds or is called the same as another: the first word's pictures show the others'.
OVERLAPS: tuple[tuple[str, ...], ...] = (
    ("hot dog", "hotdog", "bratwurst"),
    ("burger", "hamburger", "cheeseburger"),
    ("sandwich", "panini", "sub sandwich", "wrap", "burger", "hot dog"),
    ("flatbread", "focaccia", "lahmacun", "pizza"),
    ("tart", "quiche", "pie"),
    ("omelette", "frittata"),
    ("pancake", "crepe", "galette"),
    ("pasta", "spaghetti", "ramen", "noodles"),
    ("cake", "cupcake", "cheesecake", "brownie", "muffin"),
    ("cat", "kitten"),
    ("dog", "puppy"),
    ("horse", "pony"),
    ("bird", *KINDS["birds"]),
    ("flower", "garden", *KINDS["flowers"]),
    ("animal", *KINDS["small animals"], *KINDS["large animals"], *KINDS["birds"], "pet"),
    ("pet", *KINDS["small animals"], "parrot"),
    ("food", "food on plate", *(t for k in NEIGHBOURS[0] for t in KINDS[k])),
    ("food on plate", "dish", "meal", *(t for k in NEIGHBOURS[0] for t in KINDS[k])),
    ("fruit", *KINDS["fruit and vegetables"]),
    ("vehicle", "parked car", "city street", *KINDS["vehicles"]),
    ("city street", "people", *KINDS["vehicles"], *KINDS["buildings"]),
    ("car", "taxi", "pickup truck", "van"),
    ("truck", "pickup truck"),
    ("building", "city street", *KINDS["buildings"]),
    ("house", "barn"),
    ("tower", "skyscraper", "lighthouse"),
    ("furniture", "living room", "office desk", *KINDS["furniture"]),
    ("living room", *KINDS["furniture"]),
    ("chair", "armchair", "stool"),
    ("phone", "smartphone", "hand holding something"),
    ("hand holding something", "hand", *KINDS["hand-held things"]),
    ("shoe", "sneaker", "boot", "sandal", "slipper"),
    ("people portrait", "person", "people", "face", "man", "woman", "child", "crowd of people"),
    ("crowd of people", "person", "people", "man", "woman", "child"),
    ("garden", "tree", "plant", "grass"),
    ("mountain landscape", "nature", "snow", "lake", "forest", "tree"),
    ("beach", "sea", "sand", "coast"),
)  # fmt: skip
