"""Everyday English words that prose around slots may have: no word here names a price, a proof, a person or a thing sold.

Base forms; `vocabulary.py` knows their endings. What a campaign sells stands in its message, whose words are allowed, too.
"""

from __future__ import annotations

from common.guard.vocabulary_english_scenes import SCENES

GRAMMAR = """
    a an the this that these those some any every each all both either neither other others another such same
    i me my mine we us our ours you your yours he him his she her hers it its they them their theirs one ones
    myself yourself yourselves ourselves themselves itself oneself someone somebody something anyone anybody anything
    everyone everybody everything nothing nobody who whom whose which what where when why how whatever whichever
    and or but nor so yet for because since while as if unless though although whether than then once until till
    in on at by with from to of off up down out over under into onto through across along around about after before
    between among beside besides behind beyond above below near inside outside toward towards upon via against during
    without within like unlike per
    am is are was were be been being im youre were theyre its thats heres theres whats wheres whos hows lets
    ive youve weve theyve ill youll well theyll itll id youd wed hed theyd hes shes
    do does did doing done dont doesnt didnt have has had having havent hasnt hadnt
    can could may might must shall should will would cant couldnt wont wouldnt shouldnt neednt arent isnt wasnt werent
    not no never yes ok okay oh ah hey hi hello hurray hooray welcome please thanks thank cheers dear bye goodbye
    here there now then today again soon just only even still already too also very quite rather really truly
    so much many more most few little less least enough almost nearly perhaps maybe indeed simply always often
    sometimes usually ever away back together apart instead else otherwise anyway meanwhile far close
    ago later earlier lately recently long first last next half own whole well
"""
TIME_AND_WEATHER = """
    time moment day night morning noon afternoon evening dusk dawn midnight bedtime teatime lunchtime playtime week weekend
    month year season spring summer autumn winter monsoon sun sunshine sunny sunlight sunset sunrise moon star sky cloud
    cloudy rain rainy shower storm stormy snow snowy frost frosty wind windy breeze breezy mist misty fog thunder
    puddle rainbow warm warmth cold cool chill chilly hot heat mild grey gray bright dark darkness light glow shade
    shadow weather air fresh crisp golden outdoors indoors ages while
"""
NATURE_AND_PLACES = """
    nature world earth ground soil sea ocean wave beach shore sand river lake stream hill mountain valley forest wood woods
    tree leaf leaves flower blossom bloom petal bud rose lily jasmine lavender grass green garden meadow field park
    path lane road street way trail walk town city village corner place spot home house room kitchen hall hallway balcony
    terrace porch roof window windowsill sill door doorway doorstep wall floor stair stairs step sofa couch chair armchair table
    desk bed pillow blanket lamp candle lantern fire fireplace fireside hearth stove oven kettle pot cup mug bowl plate
    spoon jar basket shelf shelves drawer cupboard wardrobe mirror rug carpet curtain cushion basket box bag suitcase
    backpack umbrella hat scarf coat glove boot shoe sock apron shop store shopkeeper nook atelier studio workshop
    bird bee butterfly cat dog paw tail nose world horizon view sight distance adventure journey trip travel holiday ride
    stroll wander roam bird birdsong nest feather seed root branch
    bench bridge harbour island map compass puddle air
"""
BODY_AND_FEELING = """
    heart soul mind spirit hand finger foot feet toe eye ear nose face cheek lip shoulder arm lap skin hair head breath
    smile grin laugh laughter giggle chuckle joy joyful happy happiness glad merry cheerful cheer delight delightful delighted
    pleasure pleased fun funny love lovely lover loving adore fond care caring careful kind kindness gentle gentleness
    tender tenderness warm-hearted hug cuddle kiss dream dreamy wish hope hopeful wonder wonderful marvel
    curious curiosity excite exciting excitement thrill eager keen ready proud pride brave bold shy playful silly
    cosy cozy comfy comfort comfortable snug calm calming peace peaceful quiet silence still relax rest restful unwind
    slow slowly easy ease easily gently softly quietly happily warmly gladly kindly dearly sincerely fondly
    busy tired sleepy awake hungry thirsty lazy restless alone lonely together sad blue
    feel feeling mood sense senses touch taste smell sound scent aroma fragrance fragrant memory remember recall nostalgia
    miss missing long longing crave craving desire tempt temptation surprise mystery secret magic magical charm charming
    friend friendly friendship family companion company guest host folk people reader everyone darling
    child children childhood kid grandma grandmother mum mother dad father granny
    thought thoughtful think believe imagine imagination inspire inspiring inspiration idea creative creativity
    favourite favorite passion passionate enthusiasm energy gratitude grateful thankful appreciate honour
    trust loyal thank bless treasure cherish
    worry fret stress stressful patience patient
"""
LOOKS = """
    beautiful beauty pretty handsome elegant elegance graceful grace gorgeous stunning splendid superb fine nice good great
    grand big small tiny little large tall short round square thin thick wide narrow long deep high low soft softness smooth
    silky velvety fluffy furry woolly rough crisp crunchy creamy sweet sweetness sour bitter salty spicy spice juicy
    tasty yummy delicious flavour flavor flavourful rich richness bold subtle delicate light lively vibrant vivid
    colour color colourful colorful red pink orange yellow green blue purple violet brown black white silver ivory
    cream crimson emerald turquoise mint cherry peach plum apricot honey amber earthy tone hue shade
    pattern print stripe dot check shape line curve texture weave stitch fold edge detail style stylish fashion
    classic timeless modern simple simplicity plain fancy cute sleek new newest latest newly old older fresh freshly
    special different familiar favourite everyday ordinary extraordinary rare unusual particular perfect
    clean clear shiny shine sparkle sparkling glitter twinkle shimmer glisten gleam polish glowing
    full empty open closed loud noisy quiet fast quick strong sturdy young alive wild tame sure true real right wrong
    possible certain entire hidden favourite pleasant
    charming whimsical quirky rustic festive tropical
"""
DOING = """
    come go see look watch glance peek peep gaze notice spot stare view show appear seem find discover explore browse
    search hunt seek visit drop stop pop swing stroll walk run step jump leap hop skip dance sing hum whistle play
    climb fly float drift sail swim ride roll slide glide march wander roam rove head set start begin continue finish end
    enter leave return arrive stay linger wait pause sit stand lie lean curl snuggle nestle settle sink sleep nap wake
    rise fall turn spin swirl whirl twirl move shake stir mix pour sip drink eat bite nibble chew taste savour savor
    enjoy relish cook bake roast simmer sizzle brew steam boil grill toast chop slice spread sprinkle melt
    read write tell say talk chat speak call whisper shout ask answer wonder listen hear mean know learn teach
    think guess decide choose pick select prefer like love want need wish try use make do build create craft design
    draw paint knit sew weave stitch grow bloom blossom sprout plant water dig tend care nurture
    wear dress slip wrap button lace tie match pair mix suit fit style change add put take give get keep bring hold
    carry share send let help welcome greet invite meet join gather celebrate toast cheer wave nod smile laugh
    light brighten warm cool dim fill pack unpack fold hang lift raise open close knock ring tick
    spoil pamper treat indulge refresh renew revive recharge soothe spark kindle awaken stretch breathe inhale exhale
    work live spend pass last happen become remain belong feel sound smell switch click tap scroll
    fancy dare travel chase catch reach follow lead point settle tumble stumble rustle crackle buzz flutter chirp purr
    beckon whisper await wait call knock peek arrive land surround embrace hug adore admire
    prepare arrange sort gather collect rearrange tidy
    sneak snatch jot daydream doodle rummage ponder muse picture reconnect connect explore uncover unfold reveal
    shape mark trace touch linger
"""
THINGS = """
    thing bit piece touch dash hint pinch splash drop handful bunch pair set kind sort part side top bottom middle
    end beginning start story tale chapter page line word letter note poem verse song tune melody music rhythm beat sound
    voice noise picture photo image film book novel bookmark hobby game puzzle toy art colour craft
    coffee tea chai milk water juice cocoa chocolate cake bread biscuit cookie soup stew breakfast lunch dinner supper
    meal snack dish recipe kitchen ingredient garlic onion herb basil salt pepper butter oil
    party evening gathering occasion celebration festival feast picnic lunch-break break chance opportunity
    news update hello greeting message mail inbox team crew gang collection range selection arrival edit shelf window display
    menu list favourite choice option look outfit wardrobe mood ritual routine habit treat indulgence pampering
    question answer reason excuse reminder secret plan project weekend step beginning chapter
    company conversation life living lifestyle balance space room corner reading writing walking thinking
    yoga stretch movement exercise sweat stage scene view theme inspiration taste style flair attitude
    magic adventure surprise wonder hello goodbye
    towel bath tub soap steam mirror robe slippers phone screen headphone
    notebook pen pencil paper ink desk postcard envelope ribbon string thread needle yarn
    boss regular stranger lover fan visitor customer beginner dreamer explorer
    sweet-tooth appetite tooth thumb
"""
JOINING = """
    by-the-way speaking especially particularly certainly definitely absolutely surely exactly probably
    finally suddenly immediately already lately actually honestly frankly basically literally seriously happily luckily
    fortunately hopefully thankfully naturally obviously clearly apparently possibly
    hurray ta-da psst shh wow yay yum ooh aah cheers voila
    either-way though however therefore
    pleasantly beautifully wonderfully perfectly brightly brand brand-new
    ahead aside aboard overhead upstairs downstairs everywhere anywhere somewhere nowhere wherever whenever forward backward
    lots plenty couple bunch loads tons
    mr mrs ms sir madam
"""
IRREGULAR = """
    came went gone saw seen sought found felt kept slept met made meant stood understood sat lain lay rose risen fell fallen
    woke woken ate eaten drank drunk sang sung swam swum rode ridden flew flown blew blown grew grown knew known told said
    heard thought taught brought caught chose chosen began begun became wore worn wove woven sewn drew drawn wrote
    written spoke spoken ran spun swung sank sunk held led left let lit lent lost put took taken gave given got gotten shook
    shaken spent spread sent stuck built bent read dreamt dug hung shone shown hidden hid better best worse worst further
    men women feet geese mice lives loaves leaves knives halves selves scarves
    cannot blame deserve suppose admit character pace honest honestly opinion measure pale stood fabric support
    layer smart hour hesitate deal meantime favourite homework lot food photograph grammar language puppy height practice unnoticed afterwards route regards blow wet wag muddy sniff shaped
"""
MORE = """
    dust crumb spot tower pull push tug fluff speed faraway scene pillow tension chaos rush hurry hustle bustle grind
    noise clutter mess muddle fog haze glow ember flame spark candlelight lamplight moonlight starlight twilight sunbeam
    drizzle downpour gust blizzard slush icicle snowflake raindrop dew thaw heatwave daylight
    pyjamas slipper dressing nap snooze yawn slumber bedside nightstand lie-in daydream reverie
    blush freckle dimple whisker fur feather hoof tummy tongue knuckle elbow ankle heel sole
    chapter plot twist ending hero heroine villain detective wizard pirate knight princess dragon castle ship sail treasure
    orchard vineyard pasture barn hedge fence gate pond brook creek cliff cave desert jungle dune shell pebble stone rock
    sparrow robin owl swan duck goose hen frog rabbit squirrel fox bear deer pony horse bunny kitten pup
    ladybird bumblebee cricket snail worm
    daisy tulip sunflower marigold poppy ivy fern moss mushroom acorn chestnut pumpkin cinnamon ginger vanilla cardamom saffron
    lemon orange apple pear berry strawberry raspberry mango banana grape fig coconut almond walnut
    sandwich toast jam marmalade pancake noodle pasta rice curry pizza salad sauce cheese crumb crust dough batter
    fork knife bowl platter tray pan lid apron napkin tablecloth teapot saucer
    guitar piano violin drum flute radio playlist chorus
    scissors glue brush canvas clay crayon
    bicycle wheel saddle pedal bell horn wagon train boat bus car plane kite balloon swing seesaw hammock tent campfire
    racket skate sledge ski court pitch
    sparkly gleaming golden rosy ruby sapphire pearl coral teal navy beige maroon lilac mauve peachy
    cuddly huggable squishy bouncy springy stretchy floaty airy breezy roomy loose tight
    jolly cheeky giddy breathless speechless spellbound enchanted enchanting captivating irresistible lovable likeable heartwarming
    heartfelt soulful mindful mellow serene tranquil blissful bliss zen harmony rhythm
    ramble amble saunter trot gallop tiptoe tumble dash dart zoom whizz splash paddle
    gossip banter natter giggle chatter whistle yodel holler
    hint clue riddle puzzle glimpse preview sneak
    office school class lesson homework library museum theatre cinema stadium playground backyard attic cellar
    ball stick bat net goal swing sleeve collar button zip hood lace buckle nail
    bark meow woof purr growl squeak squeal patter pitter rub pat scratch lick
    burst repeat rewind replay shuffle juggle steer practise wiggle jiggle wobble giggle nibble munch crunch slurp gulp
    adventurous joyous glorious gracious mischievous luminous glamorous generous spontaneous carefree effortless weightless endless
    underfoot overhead underneath
    tough rugged tricky dizzy fizzy bubbly frothy foamy buttery flaky fudgy chewy zesty tangy minty
    brow eyebrow eyelash fist palm
    using feeling selfie gadget tech gaming gamer app
    fetch litter
    rider runner walker swimmer hiker cyclist cook baker gardener reader writer painter singer dancer knitter collector
    forget forgot forgotten grab go going link reply level feature blog course salon skill always
    code offer discount namaste ji
    goes does board proper visible halfway bubble visit online loyalty covers legs leg pump chain recognize difference hardly
    errand chore commute inbox laundry dishes homework
    kin cousin aunt uncle grandparent nana grandpa
    bright-eyed wide-eyed
    usher nudge tug coax tempt lure entice
    tastebuds goosebumps butterflies
    belong relive reconnect rekindle rediscover reawaken reimagine unwind untangle
    homecoming housewarming
"""
FIELDS = """
    upside upside-down downside inside-out boy girl guy lady gentleman alike flicker flickering mile miles single wag wagging
    cuddly crumple ruffle tousle tickle scratch sniff lick chew fetch snuggle nuzzle whimper howl
    sunrise sundown daybreak nightfall midsummer midwinter
    loop lap route trail track pace stride warm-up finish kilometre
    scent fig cedar pine oud musk amber resin
    kilometer stumble sprint puddle gravel
    beginner amateur
    strict soft-hearted tender-hearted kind-hearted lighthearted
    animal cow calf goat sheep lamb elephant tiger lion monkey zebra giraffe panda koala camel donkey mouse hedgehog badger beaver otter seal
    whale dolphin turtle tortoise crab fish starfish octopus parrot peacock pigeon dove crow eagle penguin flamingo swallow robin ladybug
    dinosaur unicorn mermaid fairy giant elf gnome witch robot pirate astronaut rocket spaceship
    plant shrub bush vine creeper sprig twig trunk bark stalk stem thorn nectar pollen seedling cactus succulent orchid lotus hibiscus
    iris peony violet bamboo palm pine oak maple willow cedar olive thistle clover meadow undergrowth greenery foliage floral leafy
    monsoon puddle thunderstorm lightning hail frosty humid muggy sultry overcast drizzly misty gloom gloomy dreary grey smoke smoky ash
    lagoon waterfall spring well swamp marsh canyon plain plateau peak summit slope cove bay cape reef tide current ripple pebbly rocky
    countryside hamlet alley avenue square fountain tower steeple market harbour pier dock lighthouse cottage cabin hut tent mansion
    loft den nursery conservatory greenhouse shed porch veranda courtyard driveway staircase banister landing ceiling beam tile brick
    plaster wallpaper mat doormat quilt duvet sheet mattress bunk cradle crib stool rocking bookcase bookshelf cabinet chest dresser
    vase frame clock candlestick chandelier lampshade fireplace mantelpiece broom bucket mop sponge
    dirty dusty rusty sticky messy tidy neat damp soggy dry wet moist sandy grassy wooden woollen cotton linen silk velvet denim leather
    clay ceramic glass metal iron copper brass stone marble straw cane wicker paper cardboard
    shiny glossy matte pale faded bleached checked striped dotted spotted patterned embroidered fringed frilly lacy pleated knotted braided
    curly wavy straight pointed rounded oval square curved slanted
    cuisine flavoring nutmeg clove cumin turmeric coriander parsley thyme rosemary oregano chilli mustard vinegar sesame pistachio peanut
    cashew raisin date pomegranate papaya guava pineapple melon watermelon kiwi lime grapefruit blueberry blackberry avocado cucumber
    tomato potato carrot beetroot spinach cabbage cauliflower broccoli pea bean lentil corn aubergine egg omelette porridge cereal
    muffin scone croissant bun bagel pretzel waffle pie tart pudding custard icing frosting fudge caramel toffee marshmallow cocoa
    espresso cappuccino latte mocha lemonade smoothie juice syrup
    snack nibble starter platter buffet barbecue brunch elevenses
    grandparent aunt uncle cousin nephew niece brother sister twin toddler teenager adult parent person human being soul mate buddy pal
    crowd audience circle club tribe clan crew band
    brother sibling classmate roommate flatmate workmate
    agree disagree argue quarrel debate discuss joke tease interrupt insist suppose pretend behave imitate mimic
    build builder assemble construct pile stack balance sketch colour scribble trace cut snip saw hammer nail carve mould sculpt
    plough rake prune trim weed harvest pluck gather blossom wither
    crawl creep sprint jog gallop dive paddle row pedal skate ski surf juggle bounce bowl kick toss throw catch aim dodge
    blink wink stare squint nod shrug bow wave clap tap snap hiccup sneeze cough yawn sigh sob weep giggle snore
    hide seek chase tag
    tune strum drum jam chant lullaby melody ballad jazz blues rock folk concert gig stage microphone speaker record vinyl
    paint painter easel sketchbook palette mural portrait sculpture pottery origami collage scrapbook
    chess cards dice jigsaw marbles kite hopscotch skipping rope trampoline slide sandpit
    poetry haiku diary journal memoir fable myth legend fairytale comic magazine newspaper library librarian shelf
    football cricket tennis badminton basketball hockey volleyball gymnastics karate boxing swim marathon
    train track station tunnel bridge tram ferry canoe raft sailboat yacht helicopter scooter
    suitcase rucksack passport postcard souvenir sightseeing sunset campsite bonfire torch
    bath bathrobe bubble lather comb hairbrush mirror perfume scented candle incense massage facial manicure pedicure
    dressing-gown nightgown vest skirt trouser jeans shirt blouse jumper sweater cardigan hoodie jacket blazer raincoat parka shawl
    stole sash belt tie bow brooch bracelet necklace earring ring anklet bangle cufflink watch sandal slipper sneaker trainer heel
    heartbeat pulse breath posture stretch flow pose sequence footwork tempo
    mellow crisp hushed muffled murmuring humming rustling
    grumpy moody restful drowsy dizzy clumsy awkward nervous anxious upset homesick jealous amused bemused puzzled
    witty clever wise bright sharp sensible practical polite humble modest sincere frank candid stubborn spirited feisty
    tension worry trouble nuisance fuss bother
    loss void gap hole
    midweek fortnight nowadays sometime someday
    awhile meanwhile whilst
    imaginative inventive artistic musical poetic literary
    handy homely rural urban coastal seaside alpine nordic oriental mediterranean
    unbox unwrap unroll unlock unplug uncork
    bookworm foodie homebody nightowl earlybird
    stamp marble block brick peg bead
    pavement gutter lamppost signpost
    tenderly playfully cheerfully eagerly lazily dreamily
    listen whisper echo resound
    unhurried unplugged offline
    stranger acquaintance
    feline canine furry four-legged
"""
ENGLISH = (
    MORE,
    FIELDS,
    IRREGULAR,
    GRAMMAR,
    TIME_AND_WEATHER,
    NATURE_AND_PLACES,
    BODY_AND_FEELING,
    LOOKS,
    DOING,
    THINGS,
    JOINING,
    *SCENES,
)
