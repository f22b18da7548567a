//! Random worlds and flows, the same for the same seed. Worlds are mostly sound, so that about
//! half of the flows arrive, and each of the faults that the rows name turns up somewhere.

use plaudit::reach::Protocol;

use super::ask::{Ask, End, behind, behind_vgw, flow, node, speaking_as};
use super::build::World;

/// Splitmix64: small, and the same on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// True so many times of a hundred.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    fn one<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.below(from.len())].clone())
    }
}

/// What flows can name.
#[derive(Clone, Debug, Default)]
struct Map {
    vpcs: Vec<Vpc>,
    hosts: Vec<Host>,
    publics: Vec<String>,
    /// Addresses outside: behind gateways and attachments, of services, of nobody.
    outside: Vec<String>,
    /// Where flows from on-premises start.
    edges: Vec<End>,
}

#[derive(Clone, Debug)]
struct Vpc {
    id: String,
    block: &'static str,
    second: Option<&'static str>,
    v6: bool,
    region: &'static str,
    subnets: Vec<Subnet>,
    groups: Vec<String>,
}

#[derive(Clone, Debug)]
struct Subnet {
    id: String,
    /// `10.0.1`, to which hosts add a byte.
    stem: String,
    zone: &'static str,
}

#[derive(Clone, Debug)]
struct Host {
    id: String,
    address: String,
    v6: Option<String>,
    vpc: usize,
    subnet: usize,
}

const ONPREM: &str = "192.168.0.0/16";
const S3: &[&str] = &["52.216.0.0/15", "3.5.0.0/19"];
const PORTS: &[u16] = &[22, 53, 80, 443, 6666, 8443];

/// The world of a seed.
pub(crate) fn world(seed: u64) -> World {
    generate(seed).0
}

/// Flows of the world of a seed.
pub(crate) fn flows(seed: u64, count: usize) -> Vec<Ask> {
    let (_, map) = generate(seed);
    let mut rng = Rng::new(seed ^ 0x00F1_0475);
    (0..count).map(|_| any_flow(&mut rng, &map)).collect()
}

fn generate(seed: u64) -> (World, Map) {
    let mut rng = Rng::new(seed);
    let (mut w, mut map) = (World::new(), Map::default());
    let list = w.prefix_list("com.amazonaws.us-east-1.s3", S3);
    let clients = w.prefix_list("clients", &["10.0.0.0/9", "172.16.0.0/12"]);
    let count = 1 + rng.below(4);
    for number in 0..count {
        let vpc = a_vpc(&mut rng, &mut w, number);
        map.vpcs.push(vpc);
    }
    for number in 0..count {
        groups(&mut rng, &mut w, &mut map, number, &clients);
    }
    for number in 0..count {
        hosts(&mut rng, &mut w, &mut map, number);
        internet(&mut rng, &mut w, &mut map, number);
        services(&mut rng, &mut w, &mut map, number, &list);
        appliances(&mut rng, &mut w, &mut map, number);
        acls(&mut rng, &mut w, &map, number);
    }
    peerings(&mut rng, &mut w, &map);
    if rng.chance(60) {
        transit(&mut rng, &mut w, &mut map);
    }
    if rng.chance(12) {
        w.block_public_access(rng.pick(&["block-ingress", "block-bidirectional"]));
        if rng.chance(50) {
            let vpc = map.vpcs[0].id.clone();
            w.exclude(&vpc, rng.pick(&["allow-bidirectional", "allow-egress"]));
        }
    }
    map.outside.extend(
        [
            "8.8.8.8",
            "203.0.113.9",
            "52.216.0.1",
            "52.95.170.1",
            "192.168.5.5",
            "172.31.9.9",
            "100.64.1.77",
            "10.9.9.9",
            "169.254.169.253",
        ]
        .map(str::to_owned),
    );
    (w, map)
}

// ---- VPCs, subnets, groups, hosts ------------------------------------------------------------

fn a_vpc(rng: &mut Rng, w: &mut World, number: usize) -> Vpc {
    const BLOCKS: &[&str] = &["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "172.16.0.0/16"];
    let block = if number > 0 && rng.chance(12) { BLOCKS[0] } else { BLOCKS[number] };
    let region = if number > 0 && rng.chance(12) { "us-west-2" } else { "us-east-1" };
    let id = w.vpc_in(["a", "b", "c", "d"][number], block, region);
    let second = rng.chance(25).then(|| *rng.pick(&[&"100.64.0.0/16", &"100.65.0.0/16"]));
    if let Some(second) = second {
        w.second_block(&id, second);
    }
    let v6 = rng.chance(20);
    if v6 {
        w.second_block(&id, &format!("2600:1f18:{}:100::/56", number + 1));
    }
    let mut subnets = Vec::new();
    for index in 0..2 + rng.below(4) {
        let base = match second {
            Some(second) if index == 3 => second,
            _ => block,
        };
        let stem = format!("{}.{index}", base.trim_end_matches(".0.0/16"));
        let zone = *rng.pick(&[&"a", &"a", &"b"]);
        let subnet = w.subnet_in(&id, &format!("{stem}.0/24"), zone);
        if v6 {
            w.subnet_v6(&subnet, &format!("2600:1f18:{}:10{index}::/64", number + 1));
        }
        subnets.push(Subnet { id: subnet, stem, zone });
    }
    if v6 {
        let default = w.default_acl(&id);
        w.enter(&default, "in 101 allow all ::/0; out 101 allow all ::/0");
    }
    Vpc { id, block, second, v6, region, subnets, groups: Vec::new() }
}

fn groups(rng: &mut Rng, w: &mut World, map: &mut Map, number: usize, clients: &str) {
    let vpc = map.vpcs[number].id.clone();
    let mut known: Vec<String> = map.vpcs.iter().flat_map(|vpc| vpc.groups.clone()).collect();
    for _ in 0..2 + rng.below(2) {
        let mut rules = Vec::new();
        match rng.below(10) {
            0..5 => rules.push("in all 0.0.0.0/0; out all 0.0.0.0/0".to_owned()),
            5..8 => rules.push(
                "in tcp 0-65535 10.0.0.0/8; in udp 53 0.0.0.0/0; in icmp 8/-1 0.0.0.0/0; out all 0.0.0.0/0".to_owned(),
            ),
            _ => {}
        }
        if rng.chance(15) {
            rules.push("in all ::/0; out all ::/0".to_owned());
        }
        for _ in 0..rng.below(3) {
            rules.push(a_rule(rng, &known, clients));
        }
        let group = w.sg(&vpc, &rules.join("; "));
        known.push(group.clone());
        map.vpcs[number].groups.push(group);
    }
}

fn a_rule(rng: &mut Rng, groups: &[String], clients: &str) -> String {
    let direction = rng.pick(&["in", "in", "out"]);
    let protocol = match rng.below(12) {
        0..5 => format!("tcp {}", PORTS[rng.below(PORTS.len())]),
        5 => "tcp 0-65535".to_owned(),
        6 => "6 400-9000".to_owned(),
        7 => "udp 53".to_owned(),
        8 => "icmp *".to_owned(),
        9 => "icmp 8/0".to_owned(),
        10 => "50".to_owned(),
        _ => "all".to_owned(),
    };
    let peer = match rng.below(8) {
        0 => "self".to_owned(),
        1 | 2 => rng.one(groups).unwrap_or_else(|| "self".to_owned()),
        3 => clients.to_owned(),
        4 => "0.0.0.0/0".to_owned(),
        5 => "::/0".to_owned(),
        6 => "10.0.0.0/8 192.168.0.0/16".to_owned(),
        _ => "10.0.1.0/24".to_owned(),
    };
    format!("{direction} {protocol} {peer}")
}

fn hosts(rng: &mut Rng, w: &mut World, map: &mut Map, number: usize) {
    let vpc = map.vpcs[number].clone();
    for (index, subnet) in vpc.subnets.iter().enumerate() {
        for host in 0..1 + rng.below(2) {
            let first = rng.one(&vpc.groups).unwrap();
            let second = rng.one(&vpc.groups).unwrap();
            let groups: Vec<&str> =
                if rng.chance(30) && first != second { vec![&first, &second] } else { vec![&first] };
            let address = format!("{}.{}", subnet.stem, 10 + host);
            let id = w.eni(&subnet.id, &address, &groups);
            let v6 = vpc.v6.then(|| format!("2600:1f18:{}:10{index}::{}", number + 1, 10 + host));
            if let Some(v6) = &v6 {
                w.also(&id, v6);
            }
            if rng.chance(10) {
                w.also(&id, &format!("{}.{}", subnet.stem, 100 + host));
            }
            if rng.chance(8) {
                w.forwards(&id);
            }
            map.hosts.push(Host { id, address, v6, vpc: number, subnet: index });
        }
    }
}

fn acls(rng: &mut Rng, w: &mut World, map: &Map, number: usize) {
    for subnet in &map.vpcs[number].subnets {
        match rng.below(20) {
            0 => w.acl(&subnet.id, "in 100 allow all 0.0.0.0/0; out 100 allow tcp 1024-65535 0.0.0.0/0; out 110 allow tcp 443 0.0.0.0/0"),
            1 => w.acl(&subnet.id, "in 100 allow tcp 443 0.0.0.0/0; in 110 allow tcp 32768-65535 0.0.0.0/0; out 100 allow all 0.0.0.0/0"),
            2 => w.acl(&subnet.id, "in 50 deny tcp 22 0.0.0.0/0; in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0"),
            3 => w.acl(&subnet.id, "in 60 deny tcp 1024-9000 10.0.0.0/8; in 100 allow all 0.0.0.0/0; out 70 deny udp 0.0.0.0/0; out 100 allow all 0.0.0.0/0; in 101 allow all ::/0; out 101 allow all ::/0"),
            4 => w.acl(&subnet.id, "in 100 allow icmp 8/-1 0.0.0.0/0; in 110 allow tcp 0.0.0.0/0; out 100 allow all 0.0.0.0/0"),
            5 => w.acl(&subnet.id, ""),
            6 => {
                w.unguard(&subnet.id);
                continue;
            }
            _ => continue,
        };
    }
}

// ---- gateways --------------------------------------------------------------------------------

fn internet(rng: &mut Rng, w: &mut World, map: &mut Map, number: usize) {
    let vpc = map.vpcs[number].clone();
    if rng.chance(20) {
        let vgw = w.vgw(&vpc.id);
        w.propagated(&vpc.id, ONPREM, &vgw);
        for subnet in &vpc.subnets {
            if rng.chance(50) {
                w.propagated(&subnet.id, ONPREM, &vgw);
            }
        }
        map.edges.push(behind_vgw(&vpc.id, "192.168.5.5"));
    }
    if rng.chance(25) {
        return;
    }
    let igw = w.igw(&vpc.id);
    let public = &vpc.subnets[0];
    w.route(&public.id, "0.0.0.0/0", &igw);
    if vpc.v6 {
        let out = if rng.chance(50) { w.eigw(&vpc.id) } else { igw.clone() };
        w.route(&public.id, "::/0", &out);
    }
    let nat = rng.chance(60).then(|| {
        let address = format!("198.51.100.{}", 200 + number);
        let public_address = (!rng.chance(15)).then_some(address.as_str());
        if public_address.is_some() {
            map.publics.push(address.clone());
        }
        let nat = w.nat(&public.id, &format!("{}.200", public.stem), public_address);
        if rng.chance(8) {
            w.set(&nat, "/State", "failed");
        }
        nat
    });
    for subnet in &vpc.subnets[1..] {
        match (&nat, rng.below(10)) {
            (Some(nat), 0..7) => w.route(&subnet.id, "0.0.0.0/0", nat),
            (_, 7) => w.route(&subnet.id, "0.0.0.0/0", &igw),
            (_, 8) => w.blackhole(&subnet.id, "203.0.113.0/24", "nat-0gone"),
            _ => {}
        }
    }
    if rng.chance(15) {
        w.route(&vpc.id, "0.0.0.0/0", &igw);
    }
    for host in map.hosts.clone().iter().filter(|host| host.vpc == number) {
        let percent = if host.subnet == 0 { 70 } else { 10 };
        if rng.chance(percent) {
            let address = format!("198.51.100.{}", 1 + map.publics.len());
            w.eip(&host.id, &address);
            map.publics.push(address);
        }
    }
}

fn services(rng: &mut Rng, w: &mut World, map: &mut Map, number: usize, list: &str) {
    let vpc = map.vpcs[number].clone();
    if rng.chance(40) && vpc.region == "us-east-1" {
        let at: Vec<&str> = vpc.subnets.iter().map(|subnet| subnet.id.as_str()).filter(|_| rng.chance(60)).collect();
        w.gateway_endpoint(&vpc.id, list, &at);
    }
    if rng.chance(40) {
        let subnet = vpc.subnets.last().unwrap();
        let group = rng.one(&vpc.groups).unwrap();
        let address = format!("{}.50", subnet.stem);
        let (_, interfaces) = w.interface_endpoint(&vpc.id, &[(&subnet.id, &address)], &[&group]);
        let id = interfaces[0].clone();
        map.hosts.push(Host { id, address, v6: None, vpc: number, subnet: vpc.subnets.len() - 1 });
    }
}

fn appliances(rng: &mut Rng, w: &mut World, map: &mut Map, number: usize) {
    let vpc = map.vpcs[number].clone();
    if !rng.chance(25) || vpc.subnets.len() < 3 {
        return;
    }
    let (one, other, home) = (&vpc.subnets[0], &vpc.subnets[1], &vpc.subnets[2]);
    let group = rng.one(&vpc.groups).unwrap();
    let address = format!("{}.99", home.stem);
    let appliance = w.eni(&home.id, &address, &[&group]);
    if rng.chance(80) {
        w.forwards(&appliance);
    }
    w.route(&one.id, &format!("{}.0/24", other.stem), &appliance);
    if rng.chance(75) {
        w.route(&other.id, &format!("{}.0/24", one.stem), &appliance);
    }
    map.hosts.push(Host { id: appliance, address, v6: None, vpc: number, subnet: 2 });
}

// ---- between VPCs ----------------------------------------------------------------------------

fn peerings(rng: &mut Rng, w: &mut World, map: &Map) {
    for one in 0..map.vpcs.len() {
        for other in one + 1..map.vpcs.len() {
            let (from, to) = (&map.vpcs[one], &map.vpcs[other]);
            if from.block == to.block || !rng.chance(45) {
                continue;
            }
            let pcx = w.peering(&from.id, &to.id);
            if rng.chance(12) {
                w.set(&pcx, "/Status/Code", "pending-acceptance");
            }
            for (here, there) in [(from, to), (to, from)] {
                w.route(&here.id, there.block, &pcx);
                for subnet in &here.subnets {
                    if rng.chance(80) {
                        w.route(&subnet.id, there.block, &pcx);
                        if let Some(second) = there.second.filter(|second| Some(*second) != here.second) {
                            w.route(&subnet.id, second, &pcx);
                        }
                    }
                }
            }
        }
    }
}

fn transit(rng: &mut Rng, w: &mut World, map: &mut Map) {
    let tgw = w.tgw();
    if rng.chance(30) {
        w.set(&tgw, "/Options/SecurityGroupReferencingSupport", "enable");
    }
    let tables = [w.tgw_table(&tgw), w.tgw_table(&tgw)];
    let vpcs: Vec<Vpc> = map.vpcs.iter().filter(|vpc| vpc.region == "us-east-1").cloned().collect();
    for vpc in &vpcs {
        if rng.chance(10) {
            continue;
        }
        let mut zones: Vec<&Subnet> = Vec::new();
        for subnet in vpc.subnets.iter().rev() {
            if zones.iter().all(|known| known.zone != subnet.zone) && (zones.is_empty() || rng.chance(75)) {
                zones.push(subnet);
            }
        }
        let subnets: Vec<&str> = zones.iter().map(|subnet| subnet.id.as_str()).collect();
        let attachment = w.attach(&tgw, &vpc.id, &subnets);
        let own = tables[rng.below(2)].clone();
        if rng.chance(95) {
            w.associate(&attachment, &own);
        }
        for table in &tables {
            if rng.chance(88) {
                w.propagate(&attachment, table);
            }
        }
        if rng.chance(5) {
            w.set(&attachment, "/State", "pendingAcceptance");
        }
        if rng.chance(15) {
            w.tgw_route(&own, "0.0.0.0/0", &attachment);
        }
        for subnet in &vpc.subnets {
            if rng.chance(80) {
                w.route(&subnet.id, rng.pick(&["10.0.0.0/8", "10.0.0.0/8", "0.0.0.0/0", "172.16.0.0/12"]), &tgw);
            }
        }
    }
    if rng.chance(20) {
        w.tgw_blackhole(&tables[0], rng.pick(&["10.1.1.0/24", "10.0.0.0/16", "203.0.113.0/24"]));
    }
    if rng.chance(45) {
        let vpn = w.attach_other(&tgw, "vpn", "vpn-0a");
        w.associate(&vpn, &tables[0]);
        for table in &tables {
            w.propagate_block(&vpn, table, ONPREM);
        }
        for vpc in &vpcs {
            for subnet in &vpc.subnets {
                if rng.chance(40) {
                    w.route(&subnet.id, ONPREM, &tgw);
                }
            }
        }
        map.edges.push(behind(&vpn, "192.168.7.7"));
    }
}

// ---- flows -----------------------------------------------------------------------------------

fn any_flow(rng: &mut Rng, map: &Map) -> Ask {
    let host = rng.one(&map.hosts).unwrap();
    let near: Vec<Host> =
        map.hosts.iter().filter(|other| other.vpc == host.vpc && other.id != host.id).cloned().collect();
    let far = rng.one(&map.hosts).unwrap();
    let there = if rng.chance(50) { rng.one(&near).unwrap_or(far) } else { far };
    let (mut from, mut to) = (End::from(&host.id), End::from(&there.address));
    match rng.below(24) {
        0..9 => {}
        9 | 10 => to = End::from(&there.id),
        11..14 => to = End::Internet,
        14 => to = rng.one(&map.publics).map_or(End::Internet, End::Address),
        15 | 16 => to = End::Address(rng.one(&map.outside).unwrap()),
        17 | 18 => {
            from = if rng.chance(50) { End::Internet } else { End::from("203.0.113.9") };
            to = rng.one(&map.publics).map_or_else(|| End::from(&there.id), End::Address);
        }
        19 => {
            from = End::Internet;
            to = End::from(&there.id);
        }
        20 => {
            from = rng.one(&map.edges).unwrap_or(from);
        }
        21 => {
            let (vpc, v6) = (&map.vpcs[host.vpc], rng.one(&near).and_then(|next| next.v6));
            let to_v6 = v6.filter(|_| vpc.v6).or_else(|| vpc.v6.then(|| "2001:4860:4860::8888".to_owned()));
            if let (Some(own), Some(other)) = (&host.v6, to_v6) {
                (from, to) = (speaking_as(&host.id, own), End::Address(other));
            }
        }
        22 => {
            let vpc = &map.vpcs[host.vpc];
            let subnet = rng.one(&vpc.subnets).unwrap();
            let group = rng.one(&vpc.groups).unwrap();
            from = node(&subnet.id, &format!("{}.77", subnet.stem), &[&group]);
        }
        _ => {
            let vpc = &map.vpcs[there.vpc];
            let subnet = rng.one(&vpc.subnets).unwrap();
            let group = rng.one(&vpc.groups).unwrap();
            to = node(&subnet.id, &format!("{}.78", subnet.stem), &[&group]);
        }
    }
    let mut ask = match rng.below(16) {
        0..11 => flow(from, to, Protocol::TCP, PORTS[rng.below(PORTS.len())]),
        11..13 => flow(from, to, Protocol::UDP, *rng.pick(&[&53, &443])),
        13 | 14 => flow(from, to, Protocol::ICMP, 8 << 8),
        _ => flow(from, to, Protocol(50), 0),
    };
    if matches!(&ask.from, End::InterfaceAt(_, address) if address.contains(':')) && ask.protocol == Protocol::ICMP {
        ask = flow(ask.from, ask.to, Protocol::ICMP_V6, 128 << 8);
    }
    if rng.chance(30) && ask.protocol.has_ports() {
        ask.source_port = Some(*rng.pick(&[&1024, &5000, &33000, &61000, &443]));
    }
    ask
}
