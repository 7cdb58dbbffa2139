import io
from random import Random
from xml.etree import ElementTree

from PIL import Image

from sim.people.pictures import photo, signature


def test_a_photo_is_an_image_that_others_can_read():
    image = Image.open(io.BytesIO(photo(Random(1))))
    image.load()
    assert (image.format, image.size) == ("PNG", (96, 72))
    assert len(image.convert("RGB").getcolors()) == 6


def test_photos_differ_and_noise_makes_them_larger():
    assert photo(Random(1)) == photo(Random(1)) != photo(Random(2))
    noisy = photo(Random(1), noise_kb=200)
    Image.open(io.BytesIO(noisy)).verify()
    assert len(noisy) > 200 * 1024


def test_a_signature_is_a_drawing_of_strokes():
    drawn = ElementTree.fromstring(signature(Random(5)))
    assert drawn.tag.endswith("svg")
    assert len(drawn) >= 2
