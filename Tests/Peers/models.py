"""The presets of mmtrain as open_clip builds them."""
import open_clip
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg

SIZES = {  # image size, patch, image tower (width, layers), context, text tower (width, layers), embedding
    "tiny": (48, 8, (128, 4), 40, (128, 2), 128),
    "small": (112, 16, (256, 4), 77, (256, 4), 256),
}
PUBLISHED = {"vit-b-32": "ViT-B-32", "vit-b-16": "ViT-B-16", "vit-l-14": "ViT-L-14"}


def build(preset):
    """The model in training mode, and the side of its images in pixels."""
    if preset in PUBLISHED:
        model = open_clip.create_model(PUBLISHED[preset])
        size = model.visual.image_size
        return model.train(), size[0] if isinstance(size, tuple) else size
    image, patch, (width, layers), context, (text_width, text_layers), embedding = SIZES[preset]
    model = CLIP(
        embed_dim=embedding, quick_gelu=True,
        vision_cfg=CLIPVisionCfg(image_size=image, patch_size=patch, width=width, layers=layers, head_width=64),
        text_cfg=CLIPTextCfg(context_length=context, width=text_width, layers=text_layers, heads=text_width // 64))
    return model.train(), image


def context_length(preset):
    return SIZES[preset][3] if preset in SIZES else 77
