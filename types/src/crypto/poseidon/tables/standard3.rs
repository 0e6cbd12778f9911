// @generated
//! Generated: parameters of width 3 in Montgomery form.

use super::super::fast::Standard;
use super::f;

#[rustfmt::skip]
pub(in super::super) static TABLE: Standard<3, 65> = Standard {
    round_constants: [
        [
            f(0x83bbbac36534a858, 0x0971619601250a07, 0x27a219050e23910c, 0x1638bf18c8507442),
            f(0x5e2bb0e6bb25631a, 0x56b042b8def5875e, 0x01bc3e10a8e9b451, 0x17bfe16092ef1d7e),
            f(0xa4fef9b954508d89, 0xafeb6b7d4ee4c69e, 0xd8ebe8a7fc301c39, 0x1840976e07ad780c),
        ],
        [
            f(0x18b8e553a04b72cb, 0x4d654fb8ec90df10, 0x3f8dafc39d1b9658, 0x1a72c6a50e4e6a8a),
            f(0x44f18fdd12c7177a, 0x43d28a9b520bd0ee, 0x440b83130192f008, 0x13c53f3b277b2fde),
            f(0xfc116b6c9e33b756, 0x933e67d042eb5320, 0xabc0d9f2c9d9bdcf, 0x23b0bd1fabcb64b0),
        ],
        [
            f(0xde8ebdf8535243af, 0x1e851377b3d81387, 0xdfa4b107ef127fb9, 0x1e12da839a042314),
            f(0xe25ff0a9dd264f6b, 0x0215e509d49d08b2, 0xc2cf093542425093, 0x0baaf53d85cb02e0),
            f(0x6eaa462f90cf8115, 0xaf07e5d221dd2e13, 0x9a0b65abec88aa63, 0x1fcea175624b262f),
        ],
        [
            f(0x99aa70f04fe89c1e, 0xdc11129d80826695, 0x1a68006fcc353aee, 0x299ea7eabe5d4996),
            f(0x413df2c8c5541138, 0xeb469618c9de6bb3, 0x1a668e52b76fe275, 0x0fed7116657d8da5),
            f(0x4c5cd4085911f6df, 0xa69c3b9c95ae98e6, 0xf308d88c93d19608, 0x079c79c9cffd5ad4),
        ],
        [
            f(0xdd5d50a6115b6ae6, 0x3e2079ce31994482, 0x0beac0a93142d7a6, 0x29838a07888323b4),
            f(0x3031a7c21bf4f9f8, 0xf093c1cc653a991a, 0x092a0cd128aac7c2, 0x1e230e4aa7c4c266),
            f(0x2a72b06d29407105, 0x281dbf7148ac7771, 0x175c5083bc22a44d, 0x08c912947cf53b92),
        ],
        [
            f(0x7eb180a889ee3c2d, 0xd38343a986d44c8c, 0x286bdbe0472b1d0e, 0x24f6be203117cc53),
            f(0xe221229550b8eb66, 0x9ffe52fabfc796eb, 0x1b9eef2ed361ed14, 0x0c575104fa7034f4),
            f(0xf9b28f842a2e4643, 0x4d5c080bd2ca1317, 0xcd76ae812c271eb9, 0x0ea4878f3b96e943),
        ],
        [
            f(0x1b12a0ead7ee00cd, 0x794461ec0d8acd32, 0x3abb3e24c75e20a7, 0x27cb85854f2c16db),
            f(0xc34a0ce29e5c844a, 0xbae3900198f23f61, 0xf582e09985e6d0c4, 0x055c6d26a35cf2de),
            f(0x33e1751f74f74c21, 0xdef83f5279f2ec1a, 0x3ce7d0bd374490ba, 0x0eecc29342805119),
        ],
        [
            f(0xe45772c6259d3e58, 0x4c683f93ebeab683, 0xfb8c13b607a4642e, 0x2e3e8ef03eeaed41),
            f(0xd197c44c630c5eb4, 0x053857ab70186b79, 0x18ee44c7bdb0d26a, 0x18b94e2583a0557b),
            f(0xd27736b000acdc77, 0x258b4b227cbcb7f5, 0x40df2e84269de616, 0x209aa4bbc966b500),
        ],
        [
            f(0x5aafe5dc0720254f, 0x0e91a580f18d1016, 0x11a00abff154d5b7, 0x28083140319b0d09),
            f(0x624ed13efd7f2bca, 0xcc9e53bcf2c28b13, 0x7ca39c04d885ccfa, 0x032c7e9c1ed0d643),
            f(0xbee575ac208c3258, 0x8976d09923790363, 0xeac3c4d39b58eaaf, 0x28585586ade6e3d5),
        ],
        [
            f(0x275e64927c987248, 0x1023453306381ce9, 0xd90511a7cb2159f6, 0x2997881a59a4151b),
            f(0x96ea7b645b7ee005, 0x12e49ee4759a80d5, 0x3ff0710c0c7c209c, 0x1207d4f65a29a973),
            f(0x225570d6a943095f, 0xa11ab5832d54aa69, 0x5ed544b9dc72feac, 0x16ba83b29fa0dfde),
        ],
        [
            f(0xd35fe784498f8347, 0x448e2c74dc5c310b, 0x8bc35d4158df81d3, 0x11a01d27b058a3b8),
            f(0xcf4dac5594af2d83, 0xc6f6531b8cc21243, 0x6e65adc157b9548f, 0x082a1067f00d6dfb),
            f(0x173fc30b103a6dcf, 0xc91b63e498d301c3, 0xb8f7ea4064eea1f2, 0x06548827d7df35e4),
        ],
        [
            f(0xf1dcdd1866e91665, 0xaf44edb31bfcc76e, 0x69a2f851bc5fdeb1, 0x16a3add7fd6847e5),
            f(0x277fa19569af0ab3, 0x28e4a94421550cd3, 0x8b1893dc1510def2, 0x152b3eebf2e3b9af),
            f(0x82a43eaade461743, 0x4bd307501a719bfd, 0x94e914f0f35fb5ea, 0x2d45e6c07093f3ec),
        ],
        [
            f(0x1307c7dfcdec9d68, 0x569ed7de9138f494, 0x3345109c6374a0b6, 0x21b5a1904b9d9fa1),
            f(0xeb775b5909a98dc7, 0x54a57335128a23bf, 0x5b11e52888015162, 0x212a6cfdd608fde8),
            f(0x4c04265f18d146f1, 0x10d10bc4c7853d4e, 0xa8e2a51db14f2f2c, 0x0f5fd95645106055),
        ],
        [
            f(0x68dd43d7b51c37dd, 0x1e46476089e1d073, 0x58e04cf38f805754, 0x0b0bbf5b8688b08b),
            f(0x1b14f57c4122a309, 0xe02913572e132548, 0x8d3c17048b7c32db, 0x22434cd0616dbf37),
            f(0xa0a5d482a6154db8, 0xd1c8cb01ba422f45, 0xb8a57919e05a3d45, 0x285a24a238af96cb),
        ],
        [
            f(0x1aaa1405fafbd364, 0xb8d8b685230034b7, 0x0b7aef992fcc0854, 0x28d85f4b9f36af66),
            f(0x21fc148d2efde136, 0xc0a3008d29eeb0a8, 0xf3914ca16745a3c9, 0x0856523236dd2341),
            f(0xa14a336112fbf9f3, 0xb1ff289ba2eae970, 0x32a2feccaf57f78d, 0x003726ecc0267f6c),
        ],
        [
            f(0x65e4051e623a8231, 0x3de6d47d48c406d3, 0xa9bbd406bdb8ead2, 0x0d600d159a165a0c),
            f(0x50648feb424d5e04, 0x78694de6ef267969, 0x5aa8b3580718f950, 0x1b044d4e05de9b70),
            f(0x2a796e5ea8f4e119, 0x946bbb44d739483a, 0xe21604d22b7ff1bb, 0x0c4327027869e663),
        ],
        [
            f(0xe85e117615b09542, 0x96ce582e170967b3, 0x065b39840af36d54, 0x11b11f0e477f05b0),
            f(0x0d74f0994cb254bf, 0x4f4e4871fc63bd6d, 0x89d7b727ebdad559, 0x2cf20283390eb822),
            f(0xa30b526823bdb058, 0x886bb7b6f8eccd0d, 0x1f437e6dbc295914, 0x29ad2879e6833325),
        ],
        [
            f(0xec3b39410fe43a5d, 0x3fb9d90ddcfa176a, 0x5fcaa229a47556d0, 0x07a583162e51b6d8),
            f(0x5b3fe2630608396e, 0x1e4496112e954403, 0x855a9daaa37c42a9, 0x10f643f4b4fa5128),
            f(0x28590d0004f98e35, 0xe13a159fc2cc8cf6, 0x8d22be85be68317a, 0x085a637b8618db96),
        ],
        [
            f(0x5588c6954188d4d5, 0x28bdcaed360f0373, 0x67cc7a411974cf44, 0x27ab756e2cc849ac),
            f(0x32a0c18f088e99ad, 0x22795c50dd9cc1f3, 0x39c0855c6dc26a51, 0x12388feb2e428a82),
            f(0xaddbd56d19cb859c, 0x2f7ceda49032fb62, 0xebdf3719874c459e, 0x036d7aa8bc44149d),
        ],
        [
            f(0x2caa41d785b941c8, 0x971e4e4c154f2c6b, 0x7874a8d468e0e6c8, 0x07b4735d54f5d234),
            f(0x01f51a3aa044c8f2, 0x7a636b4bfcab2c29, 0xb31eb377a96a00ce, 0x0f0c53f00bb104ac),
            f(0xd79328003e9566e7, 0xed5f36c07d3074ba, 0x8a2da6c60a9e4cb8, 0x28bd60c78f4c27c2),
        ],
        [
            f(0xfffebd8720631bbc, 0x8efe2a4219d8aba5, 0x6bdf4ded7ef1b62d, 0x1ff6c9e06d6cf68e),
            f(0x22a696d457b8106d, 0x8b98ffed5d4905f8, 0x5edf9329bbef0232, 0x1392824c46ea4c39),
            f(0xab107cfef787c8a0, 0x278e7c4207fb3230, 0x99b9ea6ce46d8256, 0x0d682fd0fb31a00e),
        ],
        [
            f(0x4ecef90fb11c850c, 0x84e45781c9eec3a9, 0x8ec25128e2f1f4f8, 0x2a2c1a8412a70cce),
            f(0x8f369a4d332e2cc7, 0xb22c513234251590, 0x706ac3aeb811231f, 0x19740e5e8ade8979),
            f(0x221080f029f28b75, 0xa437450974cb1e94, 0x87926f33c69f3da2, 0x029cf616ee2ad166),
        ],
        [
            f(0x02442c4fee11e91d, 0x5dc410e07fdcbe17, 0x1a867232b63d9457, 0x1a1c9a07b2782748),
            f(0x1edb82dae474f114, 0xd3bc7df0735a0a00, 0x03b3817d280da899, 0x0701ed4f517f4c79),
            f(0xe14d649a6bf08497, 0xa3ea3ec2fba171b1, 0x8f61083e65c736bd, 0x1ac1a9fdf38c7ebb),
        ],
        [
            f(0xcf49198274ef25d7, 0x562c05e01036644e, 0x3f41976e276e258c, 0x1f5be530194ef994),
            f(0x82c0529d3b0c6560, 0xce8537e7cb3d788c, 0x92494f9d3bd8e8bc, 0x132c81f43fd33e53),
            f(0x3f40cc1629cd3111, 0xb9f9665b8d257da8, 0x185f61f8e8e16198, 0x021adba7bd33ab21),
        ],
        [
            f(0x342f2a113fd36130, 0x9ceccbd5349c530a, 0x617bd57533444841, 0x1648cdf733eee1d3),
            f(0x9efbd552827fcf73, 0xfaebeb1c6ab69375, 0x464172e7be8e88a8, 0x0847931e0d042c0f),
            f(0x120193648a28dc6c, 0x988a6302e7370526, 0xa78edb0d97474b0c, 0x19959641a1b547fa),
        ],
        [
            f(0x8e6dfb112427c2d2, 0x20c25819e588e384, 0x1d88377d30897cb6, 0x2a508af373b9729a),
            f(0x1d14c873ddc51680, 0x0e0da86908009656, 0xbf4ec9ba1340d6a4, 0x0098bdf65a0afb9c),
            f(0x50d73614f3243e60, 0x45209e69e50c537e, 0xbf44d99fc759be13, 0x279f34df0724a583),
        ],
        [
            f(0x219cffe63c3aa682, 0xa6dd59c7425acf48, 0x444cb706acccec8f, 0x2e8c17deff5b9dd4),
            f(0x9997c91436bf5d0b, 0x1629fb48677678be, 0x49c4d97bdb9eb29a, 0x2035dd09daa0d61e),
            f(0x10168e7c8e51546b, 0x507ec1516ab22d0c, 0x1a194fcaa4bf09c0, 0x0c637dc86849f4fd),
        ],
        [
            f(0x57fe04691ea6f531, 0x2190682e353d037b, 0x72e47ef9e904d3b9, 0x211f475dfb3c75ed),
            f(0x7e838b86503617d0, 0xe6bad1948ae1955e, 0x707e58fad5b30483, 0x0a0972982b764b31),
            f(0x03bb8a08fc34185c, 0x7697ad2d4d810bfd, 0xfd12136fc816f501, 0x120d076c88279b56),
        ],
        [
            f(0xee24105eeb22800c, 0xb7cbe7af82283d5e, 0x6191e1e38cd71bb5, 0x1aeaf2e491efd9a9),
            f(0xa04e07018cc9237a, 0x5361733b3151e0b6, 0x40e61ee38ddf97c3, 0x227af916f8b30fd4),
            f(0x3a89c2121dbc8729, 0xbc8fbdb3d8db1a87, 0xe86e48af8d840b86, 0x2ce7a4cb0acf31c8),
        ],
        [
            f(0x5034a090dc3af464, 0x6ed46f82617008aa, 0x358e71ffd819f7e3, 0x26c8080ae116e13b),
            f(0x788952cfb8b52e37, 0xefc72a5be7fb7fbc, 0xc77bac4f9459447a, 0x001040af8a6d261e),
            f(0x16e6d600d2ff7426, 0xca5f5816acfc9401, 0xe38beefe9a0e0072, 0x21938b191a7bc331),
        ],
        [
            f(0xd5b44d21a21f9297, 0x86167973aa7d0743, 0x79bd6f4550d4e54f, 0x03cfdb40ac6940ca),
            f(0x9c929ba1d69d55fc, 0x87d64dfc151271ae, 0x2d27e3179fac9536, 0x1a90b4df9101e879),
            f(0x7499664fc0ebe7ec, 0x09716f8e84931303, 0x4cc0dccb94634b45, 0x1a32f5ff8519e33c),
        ],
        [
            f(0x870877b73b9bcaa9, 0x1881870f75379e4f, 0x9f3f06e451a7e672, 0x1151fe3bb41dcb29),
            f(0x0b7cb1a81cac0430, 0x271f481c441f88f9, 0xeda16949984a6294, 0x073cc8fe043bb91c),
            f(0x5d4c4bfe348cbfe4, 0xcfd654c4476c9489, 0xdd48f53cf0b1efcd, 0x06c975ea69621011),
        ],
        [
            f(0x39fb6c74184c9024, 0x80e79b39a143fe21, 0xb1253d509d48cbfc, 0x1a4900be8c52124d),
            f(0x190a59d14d51b5c0, 0xa444e21ad8bdb73a, 0xb2259807fe061798, 0x271a2e9bbfcf2f6a),
            f(0xc0af13dc96417133, 0x1cb1c8979c88420d, 0x353f8e5673b9f841, 0x0ad2874818ce1183),
        ],
        [
            f(0x5eae10d5fd0f7d29, 0x7da0cc2beaa853e4, 0xb844b04ad2a3b6e2, 0x0b184f0b40c038ee),
            f(0xe5e995b4b1d54591, 0x19548f28b12e5099, 0xe0da5976f40f1c72, 0x1c55359d2d014456),
            f(0x68c411465f6f87d8, 0xa3a18882c980c957, 0x5c79518c4fabcf20, 0x26edc29497bc5cb3),
        ],
        [
            f(0xb50f63c3948b6732, 0x9c160bd71ae1dbb4, 0x24cfd9385abff66a, 0x02063a7ceced9ea6),
            f(0xdb0cbc35d22245b0, 0xfe86319a55232e6d, 0x6105fbfdf3add538, 0x2c2dc27c38d94255),
            f(0xf1895d988a8c8995, 0xdedefbad0c1b5a82, 0x5f3fb8bc0bd416d8, 0x0e2a4c7d21d78dc2),
        ],
        [
            f(0x72f59f40b87cd518, 0x619b20e02d8b3ee3, 0xd6ebb896f7d9329f, 0x211c1fdf6141dd3a),
            f(0xd6e372c64f54c992, 0x99827b2bf785abe0, 0xb67492d94fbeae14, 0x0288174a915f1cb7),
            f(0x0cee89601a4ad1c5, 0x66dee7acd570e8b4, 0x237331b25471fc2c, 0x0f79a3dc068020d0),
        ],
        [
            f(0x898fee0b8f31bc12, 0x5c8954aa2da1961c, 0x77326678c3da12af, 0x144313217a7f389f),
            f(0x05f342cad3b4864a, 0xe2c7d39d0656a010, 0x61b8bef5da62a23f, 0x195806ad7b6696ef),
            f(0x76c6fbf50cbdef02, 0xf535ea975a6b40f4, 0x0c5fe2383fe86bce, 0x117abeb34b8688b9),
        ],
        [
            f(0x722fcd9132e35924, 0x8d991c0f2fa40665, 0xab060365a33bc385, 0x0b61468d5f2060aa),
            f(0xf37de77a8f1be22a, 0x427159a97577781e, 0x14e99813266148d9, 0x138e8d0f0e5be0c4),
            f(0xe1543733c9bb6fc7, 0xd8c9704535e21c8c, 0xd433edc282de438c, 0x11466ae0f81b3763),
        ],
        [
            f(0x2cbd8cdb39524874, 0xf9855b644afce00e, 0xb290cb62abfbd66c, 0x25acd478b1084494),
            f(0x8ebc6672b41dcee8, 0x606f0745849196a1, 0xe55ae090bd88d82a, 0x009470554167249d),
            f(0x062094bcc7a6418b, 0x2803495b8583c637, 0x53eb48b97437c010, 0x0c7a1222e9138165),
        ],
        [
            f(0x27eab79c36018a4e, 0xbd1864c1d0c4068d, 0xf902113a25a237e3, 0x128d87abeb1e9c1f),
            f(0xdb7fc417f7652d14, 0x58bd4f3aaac09e67, 0x728f58664d60e85c, 0x0f85a634b96fdda0),
            f(0xe32fe000e302eadc, 0x7d23c3dd3c7df083, 0x5bd45107b443a012, 0x2acca27428d1a73c),
        ],
        [
            f(0xbf727ded10944264, 0x4ebf249fe7df1f42, 0x9ae7e1ea5448317c, 0x098478d1386f06d1),
            f(0x41702faeb62c6d90, 0x5dea60565d31eda6, 0x99144c98f362ec45, 0x0666d88648f73f04),
            f(0x83b3ca7e199d699c, 0x32ebc3b0c43d5f81, 0x14a61edd1a1d5f6b, 0x2cb5c8fea1103978),
        ],
        [
            f(0x5d05e3ae54a68bc4, 0x4faa9d463460a6f2, 0x7f3ed5cd074f3aaf, 0x2d280f20dae67de3),
            f(0xd2efe4ca6dada240, 0x85c3424c91e6e450, 0x67ded928e819912f, 0x2a47110115ad187e),
            f(0xfd689c88325914ba, 0x217ccba0c4f678a8, 0x775c3aa0caac332b, 0x0237eeffadb3dc0b),
        ],
        [
            f(0x951cba230d48ab5a, 0xac60fef56f7dcd80, 0xee0e118c667a107a, 0x286963de12abebeb),
            f(0xd5bf474c37545102, 0x8df0210724a7bbf7, 0x2869e00fd06cee5c, 0x10a5a9a9e9679a80),
            f(0xb756d548a7c1fc31, 0x91a8ff87ec937a72, 0xc052832f337e9900, 0x0529844a975226c0),
        ],
        [
            f(0xd6bd6219ea723ea7, 0xb15ef75a47a73dbc, 0xce0d24f3bcdba423, 0x00f2c9c00b75da95),
            f(0x8839b8e43934561b, 0xeed5c479997614af, 0x8e13af4ce37ec975, 0x1c11b1381a0da7d1),
            f(0xf38903221b52a70d, 0x57941bad5616f0b4, 0x79e0e60ac24d695a, 0x28196a6e4dc51202),
        ],
        [
            f(0x064ebe0c3dd24eb6, 0x3802fd84feb04f9d, 0x86b2d2b0907fa843, 0x2c574ff686c617aa),
            f(0x4350bfc9d26b3c37, 0x21c07f7c582555a7, 0xc26f0a1a39e61d98, 0x23e04b5b20773885),
            f(0x9ecdf0801c4960f1, 0x90455ea0aa5c29bd, 0x7a4f7128a78bbda6, 0x08a72f2200068a14),
        ],
        [
            f(0x8e78423055561239, 0xc68657f8b6a9b0c3, 0x3c1f30023e9a9859, 0x020a5307957c386b),
            f(0xc2b2ec89df413870, 0x698417646a3cbfa5, 0x85b88d3108e46241, 0x1153cf64cd3c1731),
            f(0xd3c742f41b1facfd, 0x48cc11f7ce5600d8, 0xd924a20425ad06ca, 0x2b92d896b64a36f0),
        ],
        [
            f(0x47e3641e16232e80, 0xb5b83d38f4118ce6, 0x9c757d818e9fe957, 0x0f040021849b01ec),
            f(0xbf3cd76e39709602, 0xe2d93e6cf717615f, 0x4e5f8607aa4aa483, 0x1fcceb2264ae4e31),
            f(0xcad7b25f437a38d9, 0xf66dcd4743bd617a, 0x75627910ca985f41, 0x1c2d962253a27827),
        ],
        [
            f(0x3eca0791994cce65, 0x059234b17e8476d9, 0x8403f0cd92adc262, 0x2116c5244c9f73b9),
            f(0x7ebcbcd0ece065e3, 0xc1a06905a0139ff9, 0xf0e0a214eafcce74, 0x102221a24bb3f1ad),
            f(0xc73946d2fd0793c6, 0xd684e968a7714ca9, 0x4516892656a0badd, 0x2bb1a1d769bcf7e8),
        ],
        [
            f(0x6b45148d7b52e3c9, 0x030bfb6edf8c0734, 0x78374b448edd38c4, 0x05ba2d1f46a5b689),
            f(0x96a850062bca34d6, 0x1af76c923852014e, 0xad93ce5cfda5d027, 0x1c592caf1ab3d348),
            f(0xafbb1743f0bb4932, 0x6a7696e10bda8c0c, 0x07a07831609bf58e, 0x2d35e80598271115),
        ],
        [
            f(0xdc24c33ffdafcabc, 0xf4dd4a38331852d4, 0x5ed1b79ac97e8d89, 0x07fcc7dca8d2fa83),
            f(0xe41041004d1b83f0, 0x09933bdb3497d06a, 0xa3a268100bbdd441, 0x2dacd4f6ccf638f4),
            f(0x41e818cce281e4e9, 0xdacb05da4c9f0b3c, 0x9c98e80797123b9e, 0x05c2785171cf9893),
        ],
        [
            f(0x8bb70713661dd3ef, 0xa3219b41e1e866e4, 0x4841aeae94dbafcb, 0x1f04ab075b343c2e),
            f(0x09877b99da1ed4d8, 0x3e1b13bebb562ab7, 0xfd0a453abc796707, 0x1b08caf18fe542b6),
            f(0x8772776c35ed4ddb, 0xd1e483c46dca8f20, 0x3d6ef5b0ece3cb77, 0x04350d60ac3cdeda),
        ],
        [
            f(0xd59789d52dfd828d, 0xd0d4f5c7c7c66b69, 0x4184bf91b5309734, 0x0e09dedd81137365),
            f(0x3c46a5ad6730c5ce, 0x5c7bd37bda525007, 0xd57d1e170a707411, 0x13e189b521197bdd),
            f(0xa6343ee1f304a26f, 0xca33c793d2ba7228, 0x25dad12500d4d448, 0x09cf827625852c46),
        ],
        [
            f(0x797a8602c63a54d9, 0x1ac2bc433aa0e827, 0x7c3fbe7f580b7789, 0x03174635b882d894),
            f(0x4f16dab5318908d8, 0x618709ae9bb33e9b, 0x79f6ce9d1fcccdb9, 0x2a42c258663e5559),
            f(0x9352c66f8db85bed, 0xf76a6cfc91216ae2, 0xecadbbeeab6ddeba, 0x0501860d019acbef),
        ],
        [
            f(0x33bbf7559b633bea, 0x59bc392c36c8c252, 0x13a0563e80b1aebc, 0x15fa97680663b761),
            f(0xd34b76cc7ce56662, 0x4637562052f0c797, 0x121bc99292d6f09e, 0x0a694fce552ddc2d),
            f(0x2c91b8df8e961db5, 0xe0847837f14b5eb8, 0xdfa9bfc0600b988a, 0x0e88c05fa2dd61ec),
        ],
        [
            f(0x062b0126d1594ed2, 0xf6b8ef949360c8f3, 0x88685c33681f9b19, 0x057ca2cedc6147f2),
            f(0xbc4cb8237d1d6988, 0x40a88f0ac02628ed, 0x38d89898d686d929, 0x2333cd11b0515c31),
            f(0xb242031f673208b5, 0x144ef3dff309ec58, 0x74d56678e4dc599f, 0x2ca99301804984ef),
        ],
        [
            f(0x5131dba233a4bed1, 0x8a8e1b36d8400bac, 0x21e59e8865901cd2, 0x0e5c8ec6f3fab0a5),
            f(0x2a4bb5fd88edc047, 0x5b86f3ebc68d0c2a, 0x54882f2a5688b04f, 0x05a94e75507cbe33),
            f(0x2b1caac2f8ecdb92, 0x1fc9ccb8dee0c00d, 0x132b98f93676a1fc, 0x26683390479088d2),
        ],
        [
            f(0x35366d726512589d, 0x1a3e6b999132d200, 0xde087c496782aa42, 0x19bd0fcb4d53dd00),
            f(0x047cb750ec6c0762, 0x24d6a46e5dabb47b, 0xc919256c1ba14cab, 0x273396a78c4b62c4),
            f(0xf0b98c2b57687d8e, 0x80147c912063365e, 0x59b461ea91ba1607, 0x28c3fc150c32ff50),
        ],
        [
            f(0xf5eccf1c3d434232, 0x473330d9dd3d1536, 0xade583c6c46d86b2, 0x2c598c961ec58e70),
            f(0x03b800160def6797, 0xc4cf4ab9a943177e, 0xcde7b62ac1588f3c, 0x06eecbd051cf7c34),
            f(0x0369b2583c6bd1fd, 0x0dbdc1a076d43177, 0xcb0dd179adcedd3d, 0x0bbe0370470abd29),
        ],
        [
            f(0x7cef46f570a500c7, 0xd5c89d2b7ae0671e, 0x32a472d2e25b5d5d, 0x1819574a6430cd10),
            f(0x6f7de7d7f2113dc2, 0x9bad7676e26494cc, 0x59b77b7b4f7cb546, 0x2624ebdd096c1e37),
            f(0x11a5cdddfca66b49, 0x768bcc294debebe3, 0x852080c87fbfda18, 0x1c7d91a619b633ee),
        ],
        [
            f(0xaae5e35d8145efad, 0xce1d50cae0bbe5f3, 0x36970cefb2134e9f, 0x1280d61543c46cfe),
            f(0xbaaef2d36b5468c6, 0x498f7feb859e85a0, 0xfbbe4f4fef131eac, 0x0b321fd2bfd3b824),
            f(0x73cf2dd7fb1b7a9a, 0xfa91136de4c46704, 0x7477293dd0a4ef08, 0x1b2e2f421e0c4760),
        ],
        [
            f(0xb4af5805db788bf2, 0x4c06654190ce9257, 0x3c0942be862b0413, 0x19358aa7ecb1ffdc),
            f(0x1a5f2289be6e42d5, 0xb8558e89c40d8a7a, 0x6db403e0d417290a, 0x0df8c12d84359369),
            f(0x2c1623378fa50e7b, 0x334709d38676a013, 0x424966dfeb1a23e8, 0x13f728b84aee75c8),
        ],
        [
            f(0x58cf088ebda25f34, 0x7a5d6a37c20a05fc, 0xc3e67e0e8ef2478f, 0x28cf15d813041154),
            f(0xcd9b371660e26854, 0xa798e006bde7c2a5, 0xa589cbbf8f0cde4e, 0x0cc83461e6654fc6),
            f(0x5aa5df881cf08b7a, 0x854536b686b10afa, 0x54fbdc7acbaf9ae0, 0x2267e5792b131883),
        ],
        [
            f(0x6800c90673d40313, 0x370cc2be065355bb, 0x48b361af98b894c4, 0x1574397ef2d5da4d),
            f(0x980463e7193ce68c, 0xae87dc9d1a4abf45, 0x038a72f6f99cdb5e, 0x169da4f52a8f168c),
            f(0xc837d64534683bb9, 0xa1c5ad4757898b12, 0xc4eb6597a3d9aa3f, 0x10551f64e930629a),
        ],
        [
            f(0xc276f1f23fa3dfda, 0x07be179d0f4e390f, 0xef2cc368f6a7932d, 0x169888fd256ea6c8),
            f(0x0933f9e69fdb4920, 0x757798d2cb552ac2, 0x44617531aff8a6e8, 0x1c88dc66ae439dee),
            f(0x84d6faa1219d011a, 0x6c621fc73f57d413, 0x06661776bd78cbf4, 0x0d40569eac57478d),
        ],
        [
            f(0x65a764cb33746490, 0xd857618b6d3d133b, 0x597d95e1bcb82d7c, 0x1999b22a5b250c0d),
            f(0x09913f64ed0f55eb, 0x71f4b894b1d49b95, 0xe64f2d869782046b, 0x2ac51c6d3b362aaa),
            f(0x4e1f1fb6f3864524, 0x183aa6e52734a295, 0x7a585dc7414a772d, 0x0e2e7f46b2e96900),
        ],
    ],
    mds: [
        [
            f(0xf2e8909a56fcf3d7, 0x8019ce3145ed8c1d, 0xdda896a228616418, 0x0e5ed723ffc885e1),
            f(0x3158f311d66c0469, 0x9511d96f69f040a0, 0xbc6996e5b22127bf, 0x07e69e17a7c9122a),
            f(0x28f45876169969b0, 0x3d6ded69e30a7649, 0x79aed6124c9b23dd, 0x03cf3048ffadf517),
        ],
        [
            f(0x670d8bd946474dd5, 0x56daed800bf07bae, 0x5c98d51ecca20e6d, 0x1a3491eda18b0028),
            f(0xf0193e572ba79c47, 0x5fb2e46a6ee2dac5, 0x6892f0d5b6ffb984, 0x0df1dabd49661413),
            f(0x3293bffccaab272d, 0x85cbae38b11c4e1f, 0x67208956c8757b3c, 0x17ca537ab6c9d981),
        ],
        [
            f(0xcc226561d2802757, 0xfcfbd22f5bb9f4ed, 0xc8ef58acce2b8678, 0x05984bb41bae9c88),
            f(0x17561a5176bfeefd, 0x1cd5d7be100061af, 0x714cefb2dce7646c, 0x0043bf61f2173fe9),
            f(0x4c72e3c51c729128, 0xd35b9fd9170d616c, 0x4d095dc74ab700a6, 0x1282bdf76dc5d39b),
        ],
    ],
};
