"""Further everyday English words, of scenes that have nothing to do with a shop: the base forms, as in `vocabulary_english.py`."""

from __future__ import annotations

GUARDED = """
    two monday tuesday wednesday thursday friday saturday sunday tonight tomorrow yesterday
"""
"""Other validators find these where they count or limit something."""
PEOPLE_AND_THOUGHTS = """
    listener talker flatmate roommate neighbour neighbourhood crowd twin toddler teenager grandchild nephew niece bride groom poet sculptor
    storyteller wanderer rambler sailor fisherman shepherd farmer carpenter clown acrobat magician juggler violinist pianist drummer
    personality temper mindset belief sentiment sensation instinct intuition impulse urge whim notion insight wisdom knowledge sense nonsense
    suspect imagine understand realise realize recognise consider reckon assume suppose figure doubt wonder debate argue agree disagree
    apologise apologize confess admit insist introduce mention describe explain express pronounce spell translate practise rehearse improvise
    concentrate focus reflect meditate contemplate absorb admire adore approve applaud congratulate praise flatter fascinate intrigue impress
    amuse entertain delight enchant charm comfort console soothe reassure encourage motivate energise invigorate uplift cheer rejoice
    smitten besotted infatuated obsessed addicted devoted dedicated determined stubborn impatient forgetful absent-minded thoughtful curious
    nosy chatty talkative silent soundless wordless nameless fearless flawed imperfect perfectionist optimist pessimist realist
    bad awful terrible horrible dreadful nasty rotten wicked rude mean cruel harsh bitter bleak grim dull boring bored tedious exhausting exhausted
    weary drained frazzled overwhelmed hectic frantic feverish fierce furious angry cross annoyed irritated sulky moan grumble complain whine
    cry sob weep tear sigh gasp groan mutter mumble murmur hush shush stammer stutter cough sneeze hiccup blink wink squint glare frown scowl
    pout smirk beam shrug kneel crouch squat bend bow curtsy salute applause clap handshake fist-bump embrace
    mischief asleep awake soundtrack
    mistake error blunder slip accident mishap misadventure trouble problem dilemma obstacle hurdle challenge quest mission purpose goal aim
    ambition aspiration confidence self-esteem dignity modesty humility honesty sincerity loyalty courage wit irony sarcasm pun joke prank
    jest banter anecdote rumour gossip proverb saying quote motto slogan nickname name surname initial accent dialect alphabet vocabulary
    noun verb adjective adverb sentence paragraph essay diary journal memoir biography autobiography fairytale fable myth legend saga
    trilogy comic cartoon newspaper magazine headline crossword quiz puzzle scrapbook sketchbook doodle scribble handwriting calligraphy
    able unable capable eager willing reluctant hesitant worthwhile worth useless useful helpful harmless hopeless helpless careless
"""
HOUSE_AND_STREET = """
    alarm clock timer radio television telly channel volume remote button switch socket plug cable battery bulb torch switch fan heater
    radiator furnace boiler fridge freezer dishwasher toaster microwave blender mixer grinder grater peeler sieve colander whisk spatula
    ladle rolling-pin cutting-board chopping-board thermos flask jug carafe decanter glass tumbler goblet wineglass straw tin can pot-holder
    filter drawer hinge hook peg hanger rack ladder toolbox hammer screwdriver saw drill nail screw bolt rope chain wire tape
    clay putty varnish paintbrush easel palette potter wheel kiln loom spindle bobbin thimble scissors shears trowel spade shovel rake hoe
    wheelbarrow hosepipe sprinkler greenhouse compost mulch fertile repot prune trim mow weed harvest crop orchard vine trellis pergola arbour
    flowerbed flowerpot windowbox birdhouse birdbath feeder beehive scarecrow haystack windmill watermill mill barnyard stable paddock
    traffic jam rush-hour crossroads crossing roundabout kerb pavement sidewalk cobblestone cobbled manhole lamppost streetlight streetlamp
    bus-stop tram metro subway taxi cab rickshaw scooter moped motorbike tandem unicycle gear brake pedal handlebar spoke tyre tube puncture
    engine motor wagon caravan cart carriage sledge sleigh ski snowboard skateboard rollerblades timetable platform compartment
    passenger driver pilot captain crew deck mast rudder oar paddle anchor buoy tide surf surfboard snorkel
    luggage trunk briefcase satchel pouch purse-string wallet keys keyring padlock umbrella parasol raincoat wellington gumboots
    skyscraper rooftop skyline alleyway backstreet courtyard arcade bazaar stall kiosk booth fountain statue monument ruins bench
    upright level slanted tilted crooked wonky lopsided symmetrical vertical horizontal diagonal
    row column stack pile heap mound stash hoard collection scrap shred splinter sliver speck grain fragment chunk lump slab
    empty-handed barefoot tiptoe doorway threshold archway corridor passage hallway lobby foyer lounge parlour study playroom nursery bedroom bathroom
"""
FOOD_AND_SENSES = """
    gelato sorbet ice-cream sundae milkshake smoothie lemonade cider punch espresso cappuccino latte mocha americano macchiato cortado
    crema roast roaster roastery brew barista teahouse coffeehouse decaf filter grind grinder aftertaste mouthful gulp swig sip nip
    nutty malty smoky roasty caramel toffee fudge nougat marzipan praline hazelnut pistachio cashew peanut pecan raisin date currant
    blackberry blueberry cranberry gooseberry blackcurrant melon watermelon pineapple papaya guava lychee pomegranate lime grapefruit kiwi
    cabbage cauliflower broccoli spinach lettuce cucumber radish beetroot turnip parsnip leek pea bean lentil chickpea aubergine
    courgette chilli capsicum celery asparagus artichoke sweetcorn corn oat barley rye wheat flour yeast sourdough baguette bagel brioche
    croissant scone muffin cupcake waffle crepe pudding custard trifle tart pie pastry doughnut eclair macaron meringue cracker pretzel
    crisps popcorn omelette scrambled poached porridge granola muesli yoghurt yogurt butter buttermilk ghee paneer dal roti paratha dosa idli
    samosa pakora biryani pulao raita chutney pickle papad laddu jalebi barfi halwa kheer masala turmeric cumin coriander fennel
    clove nutmeg star-anise lemongrass rosemary thyme sage oregano parsley dill chive tarragon bay-leaf sesame mustard vinegar soy
    broth stock-pot bouillon gravy stuffing dumpling ravioli lasagne spaghetti macaroni risotto sushi ramen taco burrito burger kebab
    dessert starter nibble titbit morsel helping portion platter buffet barbecue brunch elevenses feast banquet leftovers
    aromatic pungent musty earthy woody grassy citrusy floral fruity bittersweet savoury umami tender chewy crumbly crusty gooey runny
    sticky syrupy watery lukewarm tepid scalding steaming frozen chilled rounder plumper fuller lighter darker
    sizzling bubbling popping fizzing hissing whistling gurgling humming clinking clattering rattling rumbling creaking squeaking ringing
    chiming tolling echoing crackling whooshing swishing swooshing murmuring melodious tuneful rhythmic catchy hushed deafening
"""
MOTION_AND_WEATHER = """
    clamber scramble scurry scuttle scamper skip skid skim swerve veer zigzag meander trudge plod shuffle limp hobble stagger stumble trip
    crawl creep slither wriggle squirm fidget fumble grope grasp grip clutch clasp clench cling squeeze pinch poke prod jab tap pat stroke
    pluck pick plait braid twist twirl coil curl unfurl unravel untie fasten buckle button zip unzip lace knot loop wind unwind rewind
    topple tip tilt lean slope slant sway rock swing sling hurl toss fling throw chuck lob bounce dribble kick roll pedal steer
    hike trek march parade procession pilgrimage voyage cruise expedition safari excursion outing detour shortcut roundabout
    sunny-side overcast drizzle sprinkle spatter splatter trickle dribble drip drop ooze seep soak drench steep dip dunk plunge submerge
    sunbathe bask swelter scorch sizzle freeze thaw defrost melt evaporate condense gust gale hurricane cyclone tornado whirlwind
    sleet slush snowstorm snowball snowman snowdrop icy frostbite nippy parky balmy temperate equinox solstice almanac
    sprout shoot seedling sapling bulb tuber bud burst wilt wither droop fade rust rot crumble decay moulder weathered worn frayed
    feathered furred scaled striped spotted speckled dappled mottled marbled streaked tinted tinged stained faded bleached
    glossy matte opaque transparent translucent see-through dazzling blinding glaring gleaming glimmering flickering
    solitude company togetherness companionship kinship belonging reunion farewell goodbye
    blank unwritten unread unsung unseen unheard unspoken undone unfinished incomplete missing absent present
    silence hush lull calm stillness standstill halt pause break breather recess interval intermission
    ritual ceremony custom tradition folklore heritage ancestry ancestor descendant
    aloud abroad ashore astray adrift afloat aglow alight ablaze afar anew askew awry apace aloft
    hardly scarcely barely merely purely partly mostly largely mainly chiefly utterly entirely thoroughly downright positively
    elated ecstatic euphoric overjoyed jubilant chirpy perky sprightly nimble agile supple limber
    rear front centre center border margin rim brim verge brink outskirts surroundings vicinity backdrop background foreground
    alphabetical chronological random mixed assorted various several numerous countless endless umpteen
    radio turntable vinyl record cassette tune-in antenna static
    chopped minced mashed grated peeled sliced diced kneaded rolled
    lap-dog poodle terrier spaniel retriever collie hound tabby whiskered
"""
SCENES = (GUARDED, PEOPLE_AND_THOUGHTS, HOUSE_AND_STREET, FOOD_AND_SENSES, MOTION_AND_WEATHER)
