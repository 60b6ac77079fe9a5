"""Trains small tokenizers for every combination of components, and records what the references make of the corpus.

    pip install tokenizers==0.23.* sentencepiece==0.2.3 protobuf
    python3 record_tokenizers.py

files/NAME.json.xz, files/NAME.model.xz   the tokenizers
files/expected.txt.xz                     a line each: the name, then for every 50 texts the hash of the ids (for a .json with
                                          add_special_tokens) and of the decoded text, 64 bits of FNV-1a

Ids are hashed as four bytes, little-endian, with FF FF FF FF after each text; decoded texts with 1E after each.
"""

import io
import json
import lzma
import os

import sentencepiece
from make_corpus import texts
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders as D, models, normalizers as N, pre_tokenizers as P
from tokenizers import processors as S, trainers as T

GROUP = 50
TEXTS = texts()


def hashed(data: bytes) -> str:
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def groups(rows: list[bytes]) -> list[str]:
    return [hashed(b"".join(rows[i : i + GROUP])) for i in range(0, len(rows), GROUP)]


def record(name: str, ids: list[list[int]], decoded: list[str]) -> str:
    one = groups([b"".join(i.to_bytes(4, "little") for i in row) + b"\xff" * 4 for row in ids])
    other = groups([text.encode() + b"\x1e" for text in decoded])
    return " ".join([name, *one, *other])


def train(name: str) -> bytes:
    kind, _, rest = name.partition("-")
    model = io.BytesIO()
    lines = [line for text in TEXTS for line in text.split("\n") if line.strip() and "\0" not in line]
    options = dict(MODELS[rest])
    if kind == "uni":
        options["hard_vocab_limit"] = False
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, minloglevel=2, vocab_size=2800,
        model_type="unigram" if kind == "uni" else "bpe", character_coverage=0.98, **options)
    return model.getvalue()


MODELS = {
    "nmt": {"normalization_rule_name": "nmt_nfkc"},
    "cf": {"normalization_rule_name": "nmt_nfkc_cf"},
    "bytes": {"normalization_rule_name": "identity", "byte_fallback": True, "remove_extra_whitespaces": False},
    "nodummy": {"normalization_rule_name": "nfkc", "add_dummy_prefix": False},
    "suffix": {"treat_whitespace_as_suffix": True},
    "user": {
        "user_defined_symbols": ["<|im_start|>", "the", "  ", "\u2581und", "12"],
        "control_symbols": ["<|im_end|>", "[INST]"], "bos_id": -1, "pad_id": 0, "eos_id": 1, "unk_id": 2},
    "nosplit": {
        "split_by_whitespace": False, "split_digits": True, "byte_fallback": True,
        "allow_whitespace_only_pieces": True, "remove_extra_whitespaces": False},
}
TRAINED: dict[str, bytes] = {}


def charsmap(name: str) -> bytes:
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(TRAINED[name])
    return model.normalizer_spec.precompiled_charsmap


for KIND in ("uni", "bpe"):
    for RULE in MODELS:
        TRAINED[f"{KIND}-{RULE}"] = train(f"{KIND}-{RULE}")

SP=[AddedToken('<s>',special=True,normalized=False),AddedToken('</s>',special=True,normalized=False),AddedToken('<unk>',special=True,normalized=False),AddedToken('<|im_start|>',special=True,normalized=False),AddedToken('<|im_end|>',special=True,normalized=False,rstrip=True)]
AB=P.ByteLevel.alphabet()
def bpe(size=700,unk=None,ab=[],**k):
    return models.BPE(**({'unk_token':unk} if unk else {}),**k),T.BpeTrainer(vocab_size=size,special_tokens=SP,initial_alphabet=ab,limit_alphabet=k.pop('la',400),show_progress=False,**{x:k[x] for x in ('continuing_subword_prefix','end_of_word_suffix') if x in k},max_token_length=16)
def uni(size=2900): return models.Unigram(),T.UnigramTrainer(vocab_size=size,special_tokens=SP,unk_token='<unk>',show_progress=False)
def wp(size=1200,**k): return models.WordPiece(unk_token='[UNK]',**k),T.WordPieceTrainer(vocab_size=size,special_tokens=['[PAD]','[UNK]','[CLS]','[SEP]','[MASK]'],limit_alphabet=500,show_progress=False)
def wl(size=400): return models.WordLevel(unk_token='<unk>'),T.WordLevelTrainer(vocab_size=size,special_tokens=SP,show_progress=False)
BERT=lambda t:S.BertProcessing(('[SEP]',t.token_to_id('[SEP]')),('[CLS]',t.token_to_id('[CLS]')))
TEMPL=lambda t:S.TemplateProcessing(single='<s> $A </s>',pair='<s> $A </s> $B </s>',special_tokens=[('<s>',t.token_to_id('<s>')),('</s>',t.token_to_id('</s>'))])
ROB=lambda t:S.RobertaProcessing(('</s>',t.token_to_id('</s>')),('<s>',t.token_to_id('<s>')))
SEQ=lambda t:S.Sequence([S.ByteLevel(trim_offsets=False),TEMPL(t)])
SPD=D.Sequence([D.Replace('▁',' '),D.ByteFallback(),D.Fuse(),D.Strip(' ',1,0)])
GPT4=r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
CASES={}
def case(name,mt,norm=None,pre=None,dec=None,post=None,added=[],patch=None): CASES[name]=(mt,norm,pre,dec,post,added,patch)
BL=lambda **k:P.ByteLevel(**{'add_prefix_space':False,**k})
case('bl-plain',bpe(ab=AB),pre=BL(),dec=D.ByteLevel())
case('bl-prefix',bpe(ab=AB),pre=BL(add_prefix_space=True),dec=D.ByteLevel(),post=ROB)
case('bl-noregex',bpe(ab=AB),pre=BL(use_regex=False),dec=D.ByteLevel(),post=SEQ)
case('bl-gpt4',bpe(ab=AB),pre=P.Sequence([P.Split(Regex(GPT4),'isolated'),BL(use_regex=False)]),dec=D.ByteLevel())
case('bl-ignore',bpe(ab=AB,ignore_merges=True),pre=P.Sequence([P.Digits(True),BL()]),dec=D.ByteLevel(),post=TEMPL)
case('bl-nfc',bpe(ab=AB),norm=N.NFC(),pre=P.Sequence([P.Punctuation('contiguous'),BL()]),dec=D.ByteLevel())
case('bl-nfd-lower',bpe(ab=AB),norm=N.Sequence([N.NFD(),N.Lowercase()]),pre=BL(),dec=D.ByteLevel())
case('bl-nfkd-strip',bpe(ab=AB),norm=N.Sequence([N.NFKD(),N.StripAccents(),N.Strip()]),pre=BL(),dec=D.ByteLevel())
case('bl-first',bpe(ab=AB),pre=P.Sequence([BL(),P.Digits(True),P.Split(Regex('[0-9]'),'isolated')]),dec=D.ByteLevel())
case('bl-norm',bpe(ab=AB),norm=N.ByteLevel(),pre=P.Split(Regex(r'Ġ?[a-z]+|.'),'isolated'),dec=D.ByteLevel())
case('bl-clip',bpe(ab=AB,end_of_word_suffix='</w>',unk='<unk>'),norm=N.Sequence([N.NFC(),N.Replace(Regex(r'\s+'),' '),N.Lowercase()]),pre=P.Sequence([P.Split(Regex(r"'s|'t|'re|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"),'removed',invert=True),BL()]),dec=D.Sequence([D.ByteLevel(),D.Replace('</w>',' ')]))
case('bl-added',bpe(ab=AB),pre=BL(),dec=D.ByteLevel(),added=[AddedToken('the',single_word=True,normalized=True),AddedToken('<mask>',lstrip=True,special=True,normalized=False),AddedToken('llama',lstrip=True,rstrip=True),AddedToken('  '),AddedToken('12',normalized=False)])
case('bl-lower-added',bpe(ab=AB),norm=N.Lowercase(),pre=BL(),dec=D.ByteLevel(),added=[AddedToken('HTTP',normalized=True),AddedToken('YOU',normalized=False),AddedToken('[INST]',special=True,normalized=True)])
case('sp-llama',bpe(1100,unk='<unk>',fuse_unk=True),norm=N.Sequence([N.Prepend('▁'),N.Replace(' ','▁')]),dec=SPD,post=TEMPL)
case('sp-bytes',bpe(1100,unk='<unk>',fuse_unk=True,byte_fallback=True),norm=N.Replace(' ','▁'),pre=P.Split(' ','merged_with_previous'),dec=SPD,patch='bytes')
case('sp-meta-first',bpe(1100,unk='<unk>',byte_fallback=True),pre=P.Metaspace('▁','first',split=False),dec=D.Sequence([D.Metaspace('▁','first'),D.ByteFallback(),D.Fuse()]),patch='bytes')
case('sp-meta-always',bpe(1100,unk='<unk>',fuse_unk=False),pre=P.Metaspace('▁','always'),dec=D.Metaspace('▁','always'))
case('sp-meta-never',bpe(1100,unk='<unk>',fuse_unk=True),pre=P.Sequence([P.Metaspace('▁','never'),P.Digits(True)]),dec=D.Metaspace('▁','never'))
case('bpe-suffix',bpe(900,unk='<unk>',end_of_word_suffix='</w>'),norm=N.Sequence([N.NFKC(),N.Lowercase()]),pre=P.BertPreTokenizer(),dec=D.BPEDecoder('</w>'))
case('bpe-cont',bpe(900,unk='<unk>',continuing_subword_prefix='##',fuse_unk=True),pre=P.Whitespace(),dec=D.WordPiece('##'))
case('bpe-nounk',bpe(600),pre=P.WhitespaceSplit())
case('bpe-delim',bpe(700,unk='<unk>'),pre=P.Sequence([P.CharDelimiterSplit(','),P.Split('a','merged_with_next')]),dec=D.Fuse())
for b in ('removed','isolated','merged_with_previous','merged_with_next','contiguous'):
    for inv in (False,True):
        case(f'split-{b}-{int(inv)}',bpe(600,unk='<unk>'),pre=P.Split(Regex(r'\s|[,.;]|\d+'),b,invert=inv),dec=D.Fuse())
    case(f'punct-{b}',wl(),pre=P.Sequence([P.WhitespaceSplit(),P.Punctuation(b)]))
case('uni-plain',uni(),pre=P.Metaspace('▁','always'),dec=D.Metaspace('▁','always'),post=TEMPL)
case('uni-nmt',uni(),norm=N.Sequence([N.Nmt(),N.NFKC(),N.Replace(Regex(' {2,}'),' ')]),pre=P.Metaspace('▁','first'),dec=D.Metaspace('▁','first'))
case('uni-pre',uni(),norm=N.Sequence([N.Precompiled(charsmap('uni-nmt')),N.Strip(False,True),N.Replace(Regex(' {2,}'),'▁')]),pre=P.Metaspace('▁','always'),dec=D.Metaspace('▁','always'))
case('uni-cf',uni(),norm=N.Precompiled(charsmap('uni-cf')),pre=P.Sequence([P.WhitespaceSplit(),P.Metaspace('▁','always')]),dec=D.Metaspace('▁','always'))
case('uni-bytes',uni(),pre=P.Metaspace('▁','always'),dec=D.Sequence([D.ByteFallback(),D.Metaspace('▁','always')]),patch='bytes')
case('uni-bytelevel',uni(),pre=BL(),dec=D.ByteLevel())
case('wp-uncased',wp(),norm=N.BertNormalizer(),pre=P.BertPreTokenizer(),dec=D.WordPiece(),post=BERT)
case('wp-cased',wp(),norm=N.BertNormalizer(lowercase=False,strip_accents=False),pre=P.BertPreTokenizer(),dec=D.WordPiece(cleanup=False),post=BERT)
case('wp-accents',wp(),norm=N.BertNormalizer(strip_accents=True,lowercase=False,handle_chinese_chars=False,clean_text=False),pre=P.Whitespace(),dec=D.WordPiece())
case('wp-short',wp(max_input_chars_per_word=6),norm=N.Sequence([N.NFD(),N.StripAccents(),N.Lowercase()]),pre=P.Whitespace(),dec=D.WordPiece())
case('wl-space',wl(),norm=N.Strip(),pre=P.Whitespace(),post=TEMPL)
case('wl-lower',wl(),norm=N.Lowercase(),pre=P.Sequence([P.Whitespace(),P.Digits(False)]),dec=D.WordPiece(),added=[AddedToken('the',single_word=True)])
case('ctc',wl(),pre=P.Split('','isolated'),dec=D.CTC('<unk>',' ',False))
case('fixed',bpe(500,unk='<unk>'),pre=P.FixedLength(4) if hasattr(P,'FixedLength') else P.Whitespace(),dec=D.Strip('e',0,0))
def n_uni(tr): return isinstance(tr,T.UnigramTrainer)
def build(name):
    (m,tr),norm,pre,dec,post,added,patch=CASES[name]
    t=Tokenizer(m)
    if norm: t.normalizer=norm
    if pre: t.pre_tokenizer=pre
    # the spelling of letters that are not in every text are left unknown on purpose
    t.train_from_iterator(TEXTS[:200] if n_uni(tr) else TEXTS[:500],tr)
    if dec: t.decoder=dec
    if added:
        t.add_special_tokens([a for a in added if a.special]); t.add_tokens([a for a in added if not a.special])
    if post: t.post_processor=post(t)
    d=json.loads(t.to_str())
    if patch=='bytes':
        n=max([x['id'] for x in d['added_tokens']]+[0])+1
        v=d['model']['vocab']
        if isinstance(v,dict):
            n=max(n,max(v.values())+1)
            for b in range(256): v[f'<0x{b:02X}>']=n+b
        else:
            for b in range(256): v.append([f'<0x{b:02X}>',-20.0])
            d['model']['byte_fallback']=True
    return json.dumps(d,ensure_ascii=False,separators=(',',':'))

def packed(name: str, data: bytes) -> None:
    with open(os.path.join("files", name + ".xz"), "wb") as file:
        file.write(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


def main() -> None:
    os.makedirs("files", exist_ok=True)
    rows = []
    for name, data in TRAINED.items():
        made = sentencepiece.SentencePieceProcessor(model_proto=data)
        ids = made.encode(TEXTS)
        known = [[i for i in row if i != made.unk_id()] for row in ids]
        packed(name + ".model", data)
        rows.append(record(name + ".model", ids, made.decode(known)))
    for name in CASES:
        text = build(name)
        made = Tokenizer.from_str(text)
        ids = [made.encode(t).ids for t in TEXTS]
        packed(name + ".json", text.encode())
        rows.append(record(name + ".json", ids, [made.decode(row) for row in ids]))
    packed("expected.txt", "\n".join(rows).encode() + b"\n")
    print(len(rows), "tokenizers")


if __name__ == "__main__":
    main()
