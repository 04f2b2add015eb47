"""The names of 0.1 for what `searches` and `images` hold; goes once the rooms use the new ones."""

from .images import (
    Fate,
    add_image,
    attach,
    count_images,
    detach_others,
    fate_of,
    fates,
    path_taken,
    record_fate,
    sources,
)
from .images import ImageRecord as Picture
from .images import image_path as picture_path
from .images import images as pictures
from .searches import (
    SearchRecord,
    Sighting,
    begin_search,
    canonical,
    end_search,
    novelty,
    query_order,
    read_query,
    record_sighting,
    searches,
    sightings,
    yields,
)

Search = SearchRecord
see = record_sighting
add_picture = add_image
settle = record_fate
fate = fate_of
put_label = attach
unlabel_other = detach_others
count_pictures = count_images

__all__ = [
    "Fate", "Picture", "Search", "Sighting", "add_picture", "begin_search", "canonical",
    "count_pictures", "end_search", "fate", "fates", "novelty", "path_taken", "picture_path",
    "pictures", "put_label", "query_order", "read_query", "searches", "see", "settle", "sightings",
    "sources", "unlabel_other", "yields",
]  # fmt: skip
