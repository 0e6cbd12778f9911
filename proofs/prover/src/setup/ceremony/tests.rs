//! Tests.
use super::*;
#[test]
fn temp_time() {
    use std::time::Instant;
    for k in [14u32, 16] {
        let secret = super::super::insecure::insecure_secret();
        let params = super::super::insecure_development(k, None).unwrap();
        let powers = super::super::fixed_base::FixedBase::new(halo2_proofs::halo2curves::bn256::G1Affine::generator(), k)
            .multiply(&super::super::insecure::powers(secret, k));
        let t = Instant::now();
        let basis = group_fft::lagrange(&powers);
        eprintln!("k={k} fft {:?}", t.elapsed());
        let t = Instant::now();
        let r = Fr::random(OsRng);
        let s = sum(&powers, r);
        eprintln!("sum {:?}", t.elapsed());
        let t = Instant::now();
        check_powers(&powers, &params.s_g2(), r, &s).unwrap();
        eprintln!("powers {:?}", t.elapsed());
        let t = Instant::now();
        check_lagrange(&basis, r, &s).unwrap();
        eprintln!("lagrange {:?}", t.elapsed());
    }
    let out = std::env::temp_dir().join("pf-temp-import");
    let t = Instant::now();
    let c = import(Path::new("/tmp/snark/p14.ptau"), &[14, 10], &out, &mut |p| eprintln!("{p:?}")).unwrap();
    eprintln!("import {:?}", t.elapsed());
    let t = Instant::now();
    load(&out, &c.digest(), 14).unwrap();
    eprintln!("load {:?}", t.elapsed());
}
